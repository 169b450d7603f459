"""A mail compiled for a launch: links numbered, tokens kept, text part a letter."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from tcma.rendering.email import UNSEEN, compile_html, compile_mail
from tcma.rendering.findings import TemplateRefused
from tcma.rendering.kits import Picture, Pictures
from tcma.rendering.source import load_files
from tcma.rendering.spam import Letter, marks

from .campaigns import PAGE, PARTNER, VENDOR, changed, shipped


def compiled(key: str = "invite", source=None, **changes):
    given = {"partner": PARTNER, "vendor": VENDOR, "language": "en", "page_url": PAGE}
    return compile_mail(source or shipped(), key, **(given | changes))


def page(inside: str) -> str:
    return f"<html><body>{inside}</body></html>"


def html(inside: str, **changes):
    given = {"subject": "s", "preview": "p", "language": "en"}
    return compile_html(page(inside), **(given | changes))


def test_every_web_link_is_numbered_once_and_system_links_stay():
    mail = html(
        '<a href="https://a.example/?x=1&amp;y=2">a</a><a href="https://a.example/?x=1&amp;y=2">b</a>'
        "<a href='http://b.example'>c</a><a href=\"[[unsubscribe_url]]\">u</a>"
        '<a href="mailto:x@y.example">m</a><a href="#top">t</a>'
    )
    assert mail.links == ("https://a.example/?x=1&y=2", "http://b.example")
    assert mail.html.count('href="[[link:1]]"') == 2
    assert 'href="[[unsubscribe_url]]"' in mail.html
    assert 'href="mailto:x@y.example"' in mail.html
    assert "example/" not in mail.html


def test_links_inside_outlook_comments_are_numbered_too():
    mail = html('<!--[if mso]><v:roundrect href="https://a.example"></v:roundrect><![endif]-->')
    assert mail.links == ("https://a.example",)
    assert "a.example" not in mail.html


def test_a_named_link_can_be_asked_for_by_a_branch():
    mail = compiled("list-in-ten-minutes")
    assert dict(zip(mail.link_keys, mail.links, strict=True))["sheet"] == f"{PAGE}#list"
    assert "tcma-link" not in mail.html
    assert "tcma-link" not in mail.text


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<a href="https://[[company|x]].example">x</a>', "token.in_address"),
        ('<a href="https://x.example/?c=[[company|x]]">x</a>', "token.in_address"),
        ("[[compny|x]]", "token.unknown"),
        ("[[company]]", "token.no_fallback"),
        ("".join(f'<a href="https://x.example/{n}">x</a>' for n in range(201)), "too_many_links"),
    ],
)
def test_what_could_go_wrong_at_the_thousandth_mail_is_refused_now(inside, code):
    with pytest.raises(TemplateRefused) as refused:
        html(inside)
    assert refused.value.findings[0].code == code


def test_the_pixel_stands_last_and_previews_go_without_it():
    mail = compiled()
    assert mail.html.rstrip().endswith("</body></html>")
    assert mail.html.index("[[open_pixel_url]]") > mail.html.index("[[unsubscribe_url]]")
    assert "open_pixel" not in mail.shown({})
    assert PAGE in mail.shown({})


def test_a_link_for_machines_only_stands_in_the_html_where_no_person_finds_it():
    mail = compiled()
    (link,) = LexborHTMLParser(mail.html).css('a[href="[[unseen_url]]"]')
    assert (link.attributes["tabindex"], link.attributes["aria-hidden"]) == ("-1", "true")
    assert link.attributes["style"] == "display:none"
    assert (link.inner_html or "") == ""
    assert mail.html.index("[[unseen_url]]") > mail.html.index("[[unsubscribe_url]]")
    assert "unseen" not in mail.text
    assert "unseen" not in mail.shown({})
    assert not any("unseen" in url for url in mail.links)
    assert "unseen_url" not in mail.tokens


def test_the_link_for_machines_weighs_little_and_counts_as_no_mark_of_spam():
    mail = compiled()
    without = mail.html.replace(UNSEEN, "")
    assert len(mail.html) - len(without) < 100
    with_it, plain = (
        marks(Letter(subject=mail.subject, html=html, text=mail.text, links=mail.links))
        for html in (mail.html, without)
    )
    assert with_it == plain


def test_the_tokens_a_row_must_carry_are_listed():
    assert compiled().tokens == {"first_name"}
    assert compiled("thanks").tokens == {"greeting", "owner_name"}


def test_the_text_part_reads_as_a_letter():
    text = compiled().text
    assert text.splitlines()[0] == "Fenwright Cloud Services"
    assert "Three words on one page\n-----------------------\n" in text
    assert "Move: The workloads that gain most" in text
    assert "\nGet your Move Map:\n[[link:1]]\n" in text
    assert "\n-- \nFenwright Cloud Services Ltd · Unit 4, Osier Wharf" in text
    assert all(len(line) <= 72 or "[[" in line for line in text.splitlines())
    footer = text.split("\n-- \n")[1]
    assert "Unsubscribe:\n[[unsubscribe_url]]" in footer


def test_a_partner_without_logo_and_phone_leaves_no_empty_separator():
    from dataclasses import replace

    mail = compiled(partner=replace(PARTNER, phone="", registration=""))
    assert "Client Director, Fenwright Cloud Services\n\n-- \n" in mail.text
    assert "<img" not in mail.html.replace('<img src="[[open_pixel_url]]"', "")


def test_a_right_to_left_mail_says_so_in_every_cell():
    mail = compiled(language="ar", pictures=Pictures({"hero_rtl": Picture("r.jpg", 640, 330)}))
    assert mail.rtl
    assert '<html lang="ar" dir="rtl"' in mail.html
    assert "text-align:right" not in mail.html.replace("direction:rtl;text-align:right", "")
    assert 'src="r.jpg"' in mail.html


def test_a_language_the_campaign_does_not_speak_falls_back_to_its_first():
    assert compiled(language="ja-JP").language == "en"
    assert compiled(language="de-AT").language == "de"


def test_an_accent_without_contrast_leaves_the_campaigns_colour():
    assert "#AD3614" in compiled(slots={"accent": "#F2C14E"}).html
    dark = compiled(slots={"accent": "#123B7A"}).html
    assert "#123B7A" in dark


def test_a_mistake_names_the_authors_file_and_line():
    files = changed(
        "invite.mjml", "{{ parts.rows(c.rows) }}", "<mj-section><mj-colum></mj-colum></mj-section>"
    )
    with pytest.raises(TemplateRefused) as refused:
        compiled(source=load_files(files))
    finding = refused.value.findings[0]
    assert (finding.file, finding.line) == ("invite.mjml", 7)
    assert finding.remedy == "did you mean “mj-column”?"


def test_an_unknown_word_in_a_template_names_file_and_line():
    files = changed("thanks.mjml", "c.steps", "c.stepps")
    with pytest.raises(TemplateRefused) as refused:
        compiled("thanks", source=load_files(files))
    finding = refused.value.findings[0]
    assert (finding.file, finding.line, finding.code) == ("thanks.mjml", 4, "undefined")


def test_the_same_inputs_give_the_same_bytes():
    assert compiled().artefact().to_bytes() == compiled().artefact().to_bytes()
