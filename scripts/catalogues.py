"""Brings the catalogues of the report and the browser app up to date with their English texts.

  python scripts/catalogues.py            # classroom_fer/settings/locale/*/LC_MESSAGES/report.po and report.pot
  python scripts/catalogues.py --check    # says what is missing, fuzzy or obsolete and changes nothing

New and changed texts come out empty or marked ``fuzzy``; a translator fills them in and takes the mark away.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from classroom_fer.settings.languages import DOMAIN, FOLDER, LANGUAGES, catalogue_file
from classroom_fer.web.texts import AppWording

TEXT = AppWording.texts
HEADER = (
    "# Texts of the PDF report and the app. Tone: short sentences, what was seen, no causes, no judgement of people."
)
WIDTH = 120


def template() -> Catalog:
    """Every English text with its key as context."""
    catalogue = Catalog(domain=DOMAIN, project="classroom-fer", header_comment=HEADER, charset="utf-8")
    for key, text in TEXT.items():
        catalogue.add(text, context=key)
    return catalogue


def read(code: str) -> Catalog:
    """The catalogue of a language; an empty one if it has none yet."""
    path = catalogue_file(code)
    if not path.exists():
        return Catalog(locale=LANGUAGES[code].locale, domain=DOMAIN, project="classroom-fer", header_comment=HEADER)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGES[code].locale, domain=DOMAIN)


def forms(message: Message) -> tuple[str, ...]:
    """All translated forms of a message."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def same_placeholders(form: str, one: str, many: str | None) -> bool:
    """Whether a translated form uses what the English offers; a plural form may do without the number."""
    used, offered = placeholders(form), placeholders(many or one)
    left_out = offered - used
    return used <= offered and left_out <= ({"count"} if many else set())


def mistakes(code: str) -> list[str]:
    """What keeps a language from being whole."""
    catalogue, found = read(code), []
    plurals = catalogue.num_plurals
    for key, english in TEXT.items():
        one, many = english if isinstance(english, tuple) else (english, None)
        message = catalogue.get(one, context=key)
        if message is None or not all(forms(message)):
            found.append(f"{code}: {key} is not translated")
        elif message.fuzzy:
            found.append(f"{code}: {key} is marked fuzzy")
        elif (many is not None) != isinstance(message.string, tuple) or (many and len(message.string) != plurals):
            found.append(f"{code}: {key} needs {plurals if many else 1} form(s)")
        else:
            found += [f"{code}: {key} has other placeholders than the English: {form}"
                      for form in forms(message) if not same_placeholders(form, one, many)]  # fmt: skip
    known = {(key, text if isinstance(text, str) else text[0]) for key, text in TEXT.items()}
    found += [f"{code}: {m.context} is obsolete" for m in catalogue
              if m.id and (m.context, m.id if isinstance(m.id, str) else m.id[0]) not in known]  # fmt: skip
    return found


def update(code: str) -> None:
    """Writes the catalogue with the texts of today; what was translated stays."""
    catalogue = read(code)
    catalogue.update(template(), no_fuzzy_matching=False)
    catalogue.obsolete.clear()
    write(catalogue, catalogue_file(code))


def write(catalogue: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, omit_header=False, ignore_obsolete=True, sort_output=False)
    # dates and names of tools change nothing that is said and every diff
    noise = "POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Project-Id-Version"
    text = re.sub(f'^"({noise}|Generated-By): .*\\n', "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    others = [code for code in LANGUAGES if code != "en"]
    if not check:
        write(template(), FOLDER / f"{DOMAIN}.pot")
        for code in others:
            update(code)
    found = [line for code in others for line in mistakes(code)]
    print("\n".join(found) or "every language is whole")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
