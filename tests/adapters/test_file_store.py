"""One contract, two stores: a folder and a real S3 server."""

import pytest

from tcma.adapters.storage_disk import DiskFiles
from tcma.adapters.storage_s3 import S3Files
from tcma.embedded.process import free_port
from tcma.errors import Invalid, NotFound, Unavailable


@pytest.fixture(params=["disk", "s3"])
def store(request, tmp_path):
    if request.param == "disk":
        return DiskFiles(tmp_path / "files")
    return S3Files(request.getfixturevalue("s3_url"))


def test_what_was_put_is_what_is_got(store):
    data = bytes(range(256)) * 300
    store.put("brand/acme/logo.png", data, "image/png")
    assert store.exists("brand/acme/logo.png")
    assert store.get("brand/acme/logo.png") == data


def test_a_second_put_replaces_the_first(store):
    store.put("a/b", b"one", "text/plain")
    store.put("a/b", b"two, longer", "text/plain")
    assert store.get("a/b") == b"two, longer"


def test_nothing_is_a_file_too(store):
    store.put("empty", b"", "text/plain")
    assert store.exists("empty")
    assert store.get("empty") == b""


def test_a_missing_file_is_not_found(store):
    assert not store.exists("not/here")
    with pytest.raises(NotFound):
        store.get("not/here")


def test_a_folder_is_no_file(store):
    store.put("folder/file", b"x", "text/plain")
    assert not store.exists("folder")
    with pytest.raises(NotFound):
        store.get("folder")


def test_a_deleted_file_is_gone_and_deleting_twice_is_quiet(store):
    store.put("old/thing", b"x", "text/plain")
    store.delete("old/thing")
    store.delete("old/thing")
    assert not store.exists("old/thing")


@pytest.mark.parametrize(
    "key",
    [
        "", "/etc/passwd", "../secret", "a/../../b", "a//b", "a/", ".hidden", "a/.b",
        "Upper", "a b", "a\\b", "a\nb", "ü", "%2e%2e/x", "a" * 513,
    ],
)  # fmt: skip
def test_a_key_that_could_leave_its_folder_is_refused(store, key):
    with pytest.raises(Invalid):
        store.put(key, b"x", "text/plain")
    with pytest.raises(Invalid):
        store.get(key)


def test_the_one_of_amazon_remembers_the_media_type(s3_url):
    store = S3Files(s3_url)
    store.put("page.html", b"<p>", "text/html; charset=utf-8")
    head = store.client.head_object(Bucket=store.bucket, Key="page.html")
    assert head["ContentType"] == "text/html; charset=utf-8"


def test_the_bucket_is_made_once(s3_server):
    url = s3_server.url("known").replace("/known?", "/unknown-yet?")
    store = S3Files(url)
    store.ensure_bucket()
    store.ensure_bucket()
    store.put("a", b"x", "text/plain")
    assert store.get("a") == b"x"


def test_a_store_that_does_not_answer_is_unavailable():
    store = S3Files(f"s3://k:s@127.0.0.1:{free_port()}/bucket?tls=0")
    with pytest.raises(Unavailable):
        store.get("a")


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "taken").write_text("a file stands here")
    with pytest.raises(Unavailable):
        DiskFiles(tmp_path / "taken").put("a", b"x", "text/plain")
