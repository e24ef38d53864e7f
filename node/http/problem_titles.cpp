#include "node/http/problem.hpp"

#include <array>

namespace usher::http {

namespace {

struct row {
  errc code;
  std::string_view korean;
  std::string_view vietnamese;
};

// In the order of errc, one row each; the compiler checks that below.
constexpr std::array rows{
  row{errc::ok, "정상입니다.", "Mọi thứ đều ổn."},
  row{errc::bad_request, "요청 형식이 올바르지 않습니다.",
      "Yêu cầu không đúng định dạng."},
  row{errc::invalid_json, "본문이 올바른 JSON이 아닙니다.",
      "Nội dung không phải là JSON hợp lệ."},
  row{errc::unknown_field, "본문에 알 수 없는 필드가 있습니다.",
      "Nội dung có một trường không được hỗ trợ."},
  row{errc::wrong_type, "필드의 형식이 올바르지 않습니다.",
      "Một trường có kiểu dữ liệu không đúng."},
  row{errc::missing_field, "필수 필드가 없습니다.",
      "Thiếu một trường bắt buộc."},
  row{errc::bad_cursor, "페이지 토큰이 올바르지 않습니다.",
      "Mã trang không hợp lệ."},
  row{errc::unauthenticated, "먼저 로그인해 주세요.",
      "Vui lòng đăng nhập trước."},
  row{errc::invalid_credentials, "이메일 또는 비밀번호가 올바르지 않습니다.",
      "Email hoặc mật khẩu không đúng."},
  row{errc::invalid_token, "토큰이 유효하지 않습니다.",
      "Mã truy cập không hợp lệ."},
  row{errc::token_expired, "토큰이 만료되었습니다.", "Mã truy cập đã hết hạn."},
  row{errc::token_reused,
      "이미 사용된 갱신 토큰입니다. 관련된 모든 로그인이 해제되었습니다.",
      "Mã làm mới này đã được dùng; mọi phiên đăng nhập liên quan đã bị đăng "
      "xuất."},
  row{errc::bad_signature, "서명이 일치하지 않습니다.", "Chữ ký không khớp."},
  row{errc::forbidden, "이 작업을 수행할 권한이 없습니다.",
      "Bạn không có quyền thực hiện việc này."},
  row{errc::not_found, "요청하신 항목을 찾을 수 없습니다.",
      "Không tìm thấy mục được yêu cầu."},
  row{errc::method_not_allowed, "이 경로에서 지원하지 않는 메서드입니다.",
      "Đường dẫn này không hỗ trợ phương thức đã dùng."},
  row{errc::request_timeout, "요청이 제시간에 도착하지 않았습니다.",
      "Yêu cầu được gửi đến quá chậm."},
  row{errc::already_exists, "이미 존재합니다.", "Mục này đã tồn tại."},
  row{errc::email_taken, "이미 가입된 이메일입니다.",
      "Email này đã được đăng ký."},
  row{errc::username_taken, "이미 사용 중인 사용자 이름입니다.",
      "Tên người dùng này đã được sử dụng."},
  row{errc::seat_unavailable,
      "선택하신 좌석 중 이용할 수 없는 좌석이 있습니다.",
      "Có ít nhất một ghế đã chọn không còn trống."},
  row{errc::not_enough_seats, "남은 좌석이 부족합니다.",
      "Không còn đủ chỗ loại này."},
  row{errc::orphan_seat, "이렇게 선택하면 좌석 하나가 홀로 남습니다.",
      "Lựa chọn này để lại một ghế trống đơn lẻ."},
  row{errc::not_held, "이 세션에서 선점한 좌석이 아닙니다.",
      "Phiên này không giữ ghế đó."},
  row{errc::hold_expired, "좌석 선점 시간이 만료되었습니다.",
      "Thời gian giữ ghế đã hết."},
  row{errc::session_not_open, "예매 세션이 더 이상 열려 있지 않습니다.",
      "Phiên đặt vé không còn mở."},
  row{errc::session_expired, "예매 세션이 만료되었습니다.",
      "Phiên đặt vé đã hết hạn."},
  row{errc::empty_session, "선택된 좌석이 없습니다.",
      "Phiên đặt vé chưa có ghế nào."},
  row{errc::cannot_extend, "예매 시간을 더 연장할 수 없습니다.",
      "Không thể gia hạn phiên đặt vé thêm nữa."},
  row{errc::limit_reached, "이 이벤트의 1인당 구매 한도에 도달했습니다.",
      "Bạn đã đạt giới hạn số vé cho sự kiện này."},
  row{errc::not_on_sale, "현재 판매 중인 이벤트가 아닙니다.",
      "Sự kiện hiện không mở bán."},
  row{errc::event_cancelled, "취소된 이벤트입니다.", "Sự kiện đã bị hủy."},
  row{errc::checkout_token_required,
      "대기열이 있는 이벤트입니다. 결제 토큰이 필요합니다.",
      "Sự kiện này có phòng chờ: cần có mã thanh toán."},
  row{errc::checkout_token_invalid,
      "결제 토큰이 이 구매자와 이벤트에 유효하지 않습니다.",
      "Mã thanh toán không hợp lệ cho người mua và sự kiện này."},
  row{errc::checkout_in_progress, "결제 토큰이 다른 세션에서 사용 중입니다.",
      "Mã thanh toán đang được dùng trong một phiên khác."},
  row{errc::payment_pending, "이 세션의 결제가 진행 중입니다.",
      "Phiên này đang có một khoản thanh toán chờ xử lý."},
  row{errc::payment_settled, "이미 처리가 끝난 결제입니다.",
      "Khoản thanh toán này đã hoàn tất."},
  row{errc::wrong_amount, "금액 또는 통화가 결제 내역과 일치하지 않습니다.",
      "Số tiền hoặc loại tiền không khớp với khoản thanh toán."},
  row{errc::request_in_progress,
      "같은 Idempotency-Key의 요청이 아직 처리 중입니다.",
      "Một yêu cầu với Idempotency-Key này vẫn đang được xử lý."},
  row{errc::not_in_queue, "이 대기열에 등록되어 있지 않습니다.",
      "Bạn không có chỗ trong hàng đợi này."},
  row{errc::queue_closed, "대기열이 닫혔습니다.", "Phòng chờ đã đóng."},
  row{errc::no_waiting_room, "이 이벤트에는 대기열이 없습니다.",
      "Sự kiện này không có phòng chờ."},
  row{errc::body_too_large, "본문이 너무 큽니다.", "Nội dung gửi lên quá lớn."},
  row{errc::uri_too_long, "요청 주소가 너무 깁니다.", "Dòng yêu cầu quá dài."},
  row{errc::unsupported_media_type, "본문은 application/json이어야 합니다.",
      "Nội dung phải là application/json."},
  row{errc::invalid_value, "값이 허용 범위를 벗어났습니다.",
      "Một giá trị nằm ngoài phạm vi cho phép."},
  row{errc::unknown_seat, "존재하지 않는 좌석입니다.",
      "Ghế này không tồn tại."},
  row{errc::key_reused,
      "이 Idempotency-Key는 다른 본문으로 이미 사용되었습니다.",
      "Idempotency-Key này đã được dùng với nội dung khác."},
  row{errc::wrong_state, "이벤트가 이 단계를 진행할 수 있는 상태가 아닙니다.",
      "Sự kiện không ở trạng thái phù hợp cho bước này."},
  row{errc::rate_limited, "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
      "Quá nhiều yêu cầu; vui lòng thử lại sau."},
  row{errc::head_too_large, "요청 헤더가 너무 큽니다.",
      "Phần đầu của yêu cầu quá lớn."},
  row{errc::internal, "서버에서 문제가 발생했습니다.",
      "Đã xảy ra lỗi ở phía chúng tôi."},
  row{errc::not_implemented, "알 수 없는 메서드입니다.",
      "Phương thức không được hỗ trợ."},
  row{errc::unavailable,
      "지금은 응답할 수 없습니다. 잠시 후 다시 시도해 주세요.",
      "Dịch vụ hiện không thể trả lời; vui lòng thử lại."},
  row{errc::overloaded,
      "요청이 몰려 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.",
      "Dịch vụ đang quá tải; vui lòng thử lại."},
  row{errc::outcome_unknown,
      "처리 결과를 아직 알 수 없습니다. 같은 키로 다시 요청해 주세요.",
      "Chưa rõ kết quả của yêu cầu; vui lòng gửi lại với cùng một khóa."},
  row{errc::quarantined, "반복된 오류로 이 부분의 서비스가 격리되었습니다.",
      "Phần dịch vụ này tạm ngừng do lỗi lặp lại."},
};

struct advice_row {
  advice what;
  std::string_view korean;
  std::string_view vietnamese;
};

// In the order of advice, as above.
constexpr std::array all_advice{
  advice_row{advice::hold_again,
             "여기에 표시된 좌석을 다시 선점하거나, 그 옆 좌석도 함께 반납해 "
             "주세요.",
             "Hãy giữ lại các ghế nêu ở đây, hoặc trả luôn các ghế bên cạnh."},
  advice_row{advice::give_back_more,
             "여기에 표시된 좌석의 옆 좌석도 함께 반납해 주세요. 이 세션에는 "
             "좌석을 더 담을 수 없습니다.",
             "Hãy trả luôn các ghế bên cạnh những ghế nêu ở đây: phiên này "
             "không nhận thêm ghế."},
  advice_row{
    advice::give_back_or_cancel,
    "여기에 표시된 좌석의 옆 좌석도 함께 반납하거나, 예매를 취소하고 "
    "새 세션에서 모두 다시 선점해 주세요. 이 세션에는 좌석을 더 담을 "
    "수 없습니다.",
    "Hãy trả luôn các ghế bên cạnh những ghế nêu ở đây; hoặc hủy phiên "
    "này và giữ tất cả trong một phiên mới: phiên này không nhận thêm "
    "ghế."},
  advice_row{advice::use_websocket,
             "WebSocket 경로입니다. 업그레이드를 요청해 주세요.",
             "Đây là WebSocket: hãy yêu cầu nâng cấp kết nối."},
  advice_row{advice::wait_for_upgrade,
             "서버를 업그레이드하고 있습니다. 모두 새 버전이 된 뒤 다시 "
             "시도해 주세요.",
             "Các máy chủ đang được nâng cấp; vui lòng thử lại khi tất cả đã "
             "lên phiên bản mới."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].code) != i)
      return false;
  for (std::size_t i = 0; i < all_advice.size(); ++i)
    if (static_cast<std::size_t>(all_advice[i].what) != i)
      return false;
  return rows.back().code == errc::quarantined
         && all_advice.back().what == last_advice;
}

static_assert(in_order(), "a code has no titles, or they are out of order");

std::string_view pick(std::string_view english, const auto& those, language l) {
  switch (l) {
    case language::english:
      return english;
    case language::korean:
      return those.korean;
    case language::vietnamese:
      return those.vietnamese;
  }
  return english;
}

} // namespace

std::string_view title(errc e, language l) {
  return pick(sentence(e), rows.at(static_cast<std::size_t>(e)), l);
}

std::string_view title(advice what, language l) {
  return pick(sentence(what), all_advice.at(static_cast<std::size_t>(what)), l);
}

} // namespace usher::http
