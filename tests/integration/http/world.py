"""What the suites share: one PostgreSQL, one daemon without rate limits, one record of the contract."""
import functools

from client import Client, Organizer, Person
from contract import Contract
from node import Node, Postgres, free_port, merge

contract = Contract()
ADMIN = ("root@usher.example", "a password for the administrator")
SEVERAL_THREADS = {"http": {"io_threads": 3}, "actors": {"scheduler_threads": 3}}  # as where there are more cores
_nodes = []


@functools.cache
def postgres():
    return Postgres()


def new_node(change=None, admin=None, on=None):
    """A daemon of one's own; it ends with the suite at the latest."""
    made = Node(on or postgres(), change, admin)
    _nodes.append(made)
    return made


class Second(Node):
    def __init__(self, first, change):
        self.first = first
        super().__init__(first.postgres, change)

    def settings(self):
        self.database = self.first.database
        return super().settings()


def second_node(first, change=None):
    """Another node of the cluster that `first` is in, with several threads."""
    made = Second(first, merge({"node": {"name": "two"}, "cluster": {"address": "127.0.0.1", "port": free_port()},
                                **SEVERAL_THREADS}, change or {}))
    _nodes.append(made)
    return made


class Hasty(Second):
    def wait_ready(self, patience=0):
        pass


def node_beside(first, change=None):
    """A second daemon on the database of `first` that is begun and not waited for: it may never serve."""
    made = Hasty(first, merge({"node": {"name": "two"}}, change or {}))
    _nodes.append(made)
    return made


class Worker(Second):
    def is_ready(self):
        return self.query("SELECT count(*) FROM shard JOIN member ON incarnation = owner WHERE name = 'two'") != "0"


def worker_node(first, change=None):
    """As `second_node`, but it serves no HTTP."""
    made = Worker(first, merge({"node": {"name": "two"}, "cluster": {"address": "127.0.0.1", "port": free_port(),
                                                                     "roles": "[worker]"}}, change or {}))
    _nodes.append(made)
    return made


def front_node(first, change=None):
    """As `second_node`, but it owns no shards."""
    return second_node(first, merge({"cluster": {"roles": "[front]"}}, change or {}))


class OfCell(Node):
    def __init__(self, cell, name, databases):
        self.its_own = databases[cell]
        every = ", ".join(f'{{number: {one}, weight: {min(one, 1)}, '
                          f'database: "host={postgres().dir}/socket dbname={database} user=usher_app"}}'
                          for one, database in enumerate(databases))
        super().__init__(postgres(), {"node": {"name": name}, "cluster": {
            "address": "127.0.0.1", "port": free_port(), "cell": cell, "cells": f"[{every}]"}})

    def settings(self):
        self.database = self.its_own
        return super().settings()


def node_of_cell(cell, name, databases):
    """A node of one of the cells whose databases these are; new events go to any cell but the first."""
    made = OfCell(cell, name, databases)
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
