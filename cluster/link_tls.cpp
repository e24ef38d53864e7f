#include "cluster/link_tls.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace usher::cluster {

namespace {

template <class T, auto Free>
struct freed {
  void operator()(T* x) const { Free(x); }
};

using file_handle = std::unique_ptr<BIO, freed<BIO, BIO_free_all>>;
using certificate_handle = std::unique_ptr<X509, freed<X509, X509_free>>;
using check_handle =
  std::unique_ptr<X509_STORE_CTX, freed<X509_STORE_CTX, X509_STORE_CTX_free>>;
using names_handle =
  std::unique_ptr<GENERAL_NAMES, freed<GENERAL_NAMES, GENERAL_NAMES_free>>;

void expect(const boost::system::error_code& failed, const std::string& what,
            const std::string& file) {
  if (failed)
    throw std::invalid_argument(what + " " + file + ": " + failed.message());
}

/// OpenSSL takes a name that begins with a dot for the end of any name.
bool is_one_name(std::string_view name) {
  return !name.empty() && name.front() != '.'
         && name.find_first_of({"*\0", 2}) == std::string_view::npos;
}

/// As a DNS name; no wildcards, no common name.
bool is_for(X509* certificate, const std::string& name) {
  constexpr unsigned strictly =
    X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  return certificate && is_one_name(name)
         && X509_check_host(certificate, name.data(), name.size(), strictly,
                            nullptr)
              == 1;
}

} // namespace

bool link_credentials::plain() const {
  return certificate.empty() && key.empty() && authority.empty();
}

std::unique_ptr<asio::ssl::context>
make_context(const link_credentials& files) {
  if (files.plain())
    return nullptr;
  using asio::ssl::context;
  auto out = std::make_unique<context>(context::tls);
  SSL_CTX_set_min_proto_version(out->native_handle(), TLS1_3_VERSION);
  // Sessions are not resumed: each connection shows its certificate.
  SSL_CTX_set_session_cache_mode(out->native_handle(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(out->native_handle(), 0);
  out->set_verify_mode(asio::ssl::verify_peer
                       | asio::ssl::verify_fail_if_no_peer_cert);
  boost::system::error_code failed;
  out->load_verify_file(files.authority, failed);
  expect(failed, "cannot use the authority", files.authority);
  out->use_certificate_chain_file(files.certificate, failed);
  expect(failed, "cannot use the certificate", files.certificate);
  out->use_private_key_file(files.key, context::pem, failed);
  expect(failed, "cannot use the key", files.key);
  if (SSL_CTX_check_private_key(out->native_handle()) != 1)
    throw std::invalid_argument("the key " + files.key
                                + " is not that of the certificate");
  return out;
}

void check_own_certificate(const link_credentials& files,
                           const std::string& name, std::time_t now) {
  const auto context = make_context(files);
  if (!context)
    return;
  auto* own = SSL_CTX_get0_certificate(context->native_handle());
  if (!is_for(own, name))
    throw std::invalid_argument("the certificate " + files.certificate
                                + " is not for the name " + name);
  STACK_OF(X509)* between = nullptr;
  SSL_CTX_get0_chain_certs(context->native_handle(), &between);
  for (const int purpose : {X509_PURPOSE_SSL_SERVER, X509_PURPOSE_SSL_CLIENT}) {
    const check_handle check{X509_STORE_CTX_new()};
    if (!check
        || X509_STORE_CTX_init(check.get(),
                               SSL_CTX_get_cert_store(context->native_handle()),
                               own, between)
             != 1
        || X509_STORE_CTX_set_purpose(check.get(), purpose) != 1)
      throw std::invalid_argument("cannot check the certificate "
                                  + files.certificate);
    X509_STORE_CTX_set_time(check.get(), 0, now);
    if (X509_verify_cert(check.get()) != 1)
      throw std::invalid_argument(
        "the certificate " + files.certificate + " would be refused: "
        + X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get())));
  }
}

bool certified_as(SSL* tls, const std::string& name) {
  const certificate_handle shown{SSL_get1_peer_certificate(tls)};
  return is_for(shown.get(), name);
}

std::string name_in_certificate(const std::string& file) {
  const file_handle in{BIO_new_file(file.c_str(), "r")};
  const certificate_handle found{
    in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr};
  if (!found)
    throw std::invalid_argument("cannot read the certificate " + file);
  const names_handle names{static_cast<GENERAL_NAMES*>(
    X509_get_ext_d2i(found.get(), NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS)
      return {
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
        static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))};
  }
  throw std::invalid_argument("the certificate " + file + " has no DNS name");
}

void check_address(const link_credentials& files, const std::string& address) {
  boost::system::error_code failed;
  const auto at = asio::ip::make_address(address, failed);
  if (failed)
    throw std::invalid_argument("the cluster's address is no IP address: "
                                + address);
  if (files.plain() && !at.is_loopback())
    throw std::invalid_argument(
      "without certificates the cluster's port may bind loopback only, not "
      + address);
  if (!files.plain()
      && (files.certificate.empty() || files.key.empty()
          || files.authority.empty()))
    throw std::invalid_argument(
      "certificate, key and authority go together: one is missing");
}

} // namespace usher::cluster
