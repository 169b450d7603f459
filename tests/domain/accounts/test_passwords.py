"""Who is unknown is not told by how long the answer takes."""

from tcma.accounts import passwords


def test_nobodys_hash_costs_what_everybodys_costs():
    assert not passwords.is_outdated(passwords._NOBODY)


def test_nobody_gets_in_not_even_with_nobodys_password():
    assert not passwords.matches(None, "nobody has this password")
    assert passwords.matches(passwords._NOBODY, "nobody has this password")
