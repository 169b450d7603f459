"""A wrong variable is refused at start with its name, the reason and the remedy."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from tcma.config import VARIABLES, read_settings
from tcma.errors import Invalid

SECRET = "a secret that is long enough, really"


@pytest.fixture
def env(tmp_path):
    return {"TCMA_DATA": str(tmp_path)}


def test_without_any_variable_everything_is_embedded_and_the_secret_is_kept(env):
    first, second = read_settings(env), read_settings(env)
    assert (first.database_url, first.redis_url, first.smtp_url) == (None, None, None)
    assert first.files_url.startswith("file:/")
    assert first.public_url == "http://127.0.0.1:8000"
    assert len(first.secret) >= 32
    assert first.secret == second.secret


def test_all_variables_are_read(env):
    settings = read_settings(
        env
        | {
            "TCMA_DATABASE_URL": "postgresql://u:p@db/name",
            "TCMA_REDIS_URL": "redis://queue:6379/0",
            "TCMA_FILES_URL": "s3://key:secret@store:9000/bucket?tls=0",
            "TCMA_SMTP_URL": "smtp+starttls://u:p@relay:587",
            "TCMA_PUBLIC_URL": "https://partners.example.com/",
            "TCMA_SECRET": SECRET,
            "PORT": "8010",
        }
    )
    assert settings.database_url == "postgresql+psycopg://u:p@db/name"
    assert settings.public_url == "https://partners.example.com"
    assert (settings.https, settings.port, settings.secret) == (True, 8010, SECRET.encode())


READER_SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TCMA_DATABASE_URL", "mysql://u@db/x", "not one of"),
        ("TCMA_REDIS_URL", "redis://", "host is missing"),
        ("TCMA_REDIS_URL", "http://queue", "not one of"),
        ("TCMA_FILES_URL", "s3://key:secret@store", "bucket is missing"),
        ("TCMA_FILES_URL", "file:relative", "not absolute"),
        ("TCMA_SMTP_URL", "mail.example.com", "not one of"),
        ("TCMA_PUBLIC_URL", "ftp://x", "not one of"),
        ("TCMA_SECRET", "short", "too few"),
        ("TCMA_TSA_URL", "ftp://tsa.example.com", "not one of"),
        ("TCMA_TSA_ROOTS", "/nowhere/roots.pem", "cannot be read"),
        ("TCMA_PROOF_READER_URL", "ftp://reader.example.com", "not one of"),
        ("TCMA_PROOF_READER_URL", "", "signed"),
        ("TCMA_PROOF_READER_SECRET", "", "signed"),
        ("TCMA_PROOF_READER_SECRET", "whsec_c2hvcnQ=", "no key"),
        ("TCMA_PROOF_READER_SECRET", "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0", "no key"),
        ("PORT", "eighty", "not a port"),
        ("PORT", "70000", "not a port"),
    ],
)
def test_a_wrong_value_is_refused_with_name_reason_and_remedy(env, name, value, why):
    whole = {"TCMA_TSA_URL": "https://tsa.example.com/tsr", "TCMA_TSA_ROOTS": __file__}
    reader = {
        "TCMA_PROOF_READER_URL": "https://reader.example.com/read",
        "TCMA_PROOF_READER_SECRET": READER_SECRET,
    }
    others = whole if "TSA" in name else reader if "READER" in name else {}
    with pytest.raises(Invalid, match=why) as refused:
        read_settings(env | others | {name: value})
    assert refused.value.message.startswith(name)
    assert refused.value.remedy


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(Invalid, match="TCMA_DATA"):
        read_settings({"TCMA_DATA": str(file / "below")})


def test_every_variable_has_its_meaning_written_down():
    assert all(each.meaning and each.default for each in VARIABLES)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(Invalid, match="is a file, no folder") as refused:
        read_settings({"TCMA_DATA": str(tmp_path / "file")})
    assert refused.value.code == "config.invalid"


@pytest.mark.parametrize("kept", ["", "\n", "too short"])
def test_a_damaged_secret_is_refused_and_left_alone(env, tmp_path, kept):
    (tmp_path / "secret").write_text(kept)
    with pytest.raises(Invalid, match="is damaged") as refused:
        read_settings(env)
    assert "backup" in refused.value.remedy
    assert (tmp_path / "secret").read_text() == kept


def test_many_processes_that_start_at_once_share_one_secret(env):
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: read_settings(env).secret, range(64)))
    assert len(secrets) == 1


def test_a_time_authority_has_an_address_and_a_certificate_or_is_none(env, tmp_path):
    roots = tmp_path / "roots.pem"
    roots.write_text("no certificate")
    url = {"TCMA_TSA_URL": "https://tsa.example.com/tsr"}
    for lone in (url, {"TCMA_TSA_ROOTS": str(roots)}):
        with pytest.raises(Invalid, match="asked at an address"):
            read_settings(env | lone)
    with pytest.raises(Invalid, match="holds no certificate"):
        read_settings(env | url | {"TCMA_TSA_ROOTS": str(roots)})
    pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    roots.write_bytes(pem)
    settings = read_settings(env | url | {"TCMA_TSA_ROOTS": str(roots)})
    assert (settings.tsa_url, settings.tsa_roots) == (url["TCMA_TSA_URL"], pem)
    assert (read_settings(env).tsa_url, read_settings(env).tsa_roots) == ("", b"")


def test_nobody_reads_proofs_unless_a_service_is_named_and_its_secret_is_never_shown(env):
    assert read_settings(env).proof_reader_url == ""
    url = "https://reader.example.com/read"
    named = {"TCMA_PROOF_READER_URL": url, "TCMA_PROOF_READER_SECRET": READER_SECRET}
    settings = read_settings(env | named)
    assert (settings.proof_reader_url, settings.proof_reader_secret) == (url, READER_SECRET)
    assert READER_SECRET not in repr(settings)
