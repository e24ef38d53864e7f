"""What the suites share: one PostgreSQL, one daemon without rate limits, one record of the contract."""
import functools

from client import Client, Organizer, Person
from contract import Contract
from node import Node, Postgres

contract = Contract()
ADMIN = ("root@usher.example", "a password for the administrator")
_nodes = []


@functools.cache
def postgres():
    return Postgres()


def new_node(change=None, admin=None, on=None):
    """A daemon of one's own; it ends with the suite at the latest."""
    made = Node(on or postgres(), change, admin)
    _nodes.append(made)
    return made


@functools.cache
def node():
    return new_node(admin=ADMIN)


def anyone(at=None):
    return Client(at or node(), contract)


def person(at=None, **wishes):
    return Person(at or node(), contract, **wishes)


@functools.cache
def organizer():
    return Organizer(node(), contract)


@functools.cache
def stranger():
    """Somebody who owns nothing that the tests look at."""
    return person()


@functools.cache
def buyer():
    return person()


def end():
    for one in _nodes:
        one.remove()
    if postgres.cache_info().currsize:
        postgres().remove()
