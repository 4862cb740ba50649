"""What people do on their portal, and what they read there."""

import io
import re
from decimal import Decimal

import pypdf
from screen import DESK, PHONE

SIZES = {"phone": PHONE, "desk": DESK}
DONE, WRONG = "main .alert-success", "main .alert-danger"
#: ``1 234,56``, ``−12`` and ``+80``, with the minus of statements.
AMOUNT = re.compile(r"[−+-]?\d[\d ]*(?:,\d+)?")

IMPATIENT = """form => {
    let sent = 0;
    const stay = (ev) => {
        sent += !ev.defaultPrevented;
        ev.preventDefault();
    };
    form.noValidate = true;
    form.addEventListener("submit", stay);
    for (let click = 0; click < 4; click++) {
        form.requestSubmit();
    }
    form.removeEventListener("submit", stay);
    return sent === 1;
}"""


def plain(text):
    """With ordinary spaces, as one types them."""
    return re.sub(r"\s+", " ", text).strip()


def text_of(screen, selector):
    """What is written there, on one line."""
    return plain(screen.page.inner_text(selector))


def texts_of(screen, selector):
    """The same of each that is there."""
    return [plain(text) for text in screen.page.locator(selector).all_inner_texts()]


def amount(text):
    """The only amount of a text."""
    (found,) = AMOUNT.findall(plain(text))
    return Decimal(found.replace(" ", "").replace("−", "-").replace(",", "."))


def pairs(screen, selector):
    """``{term: amount}`` of a list of terms, of those that are amounts."""
    names, values = (texts_of(screen, f"{selector} {each}") for each in ("dt", "dd"))
    both = zip(names, values, strict=True)
    return {name: amount(text) for name, text in both if len(AMOUNT.findall(text)) == 1}


def rows(screen, selector):
    """``{heading: [amounts]}`` of the rows of tables."""
    found = {}
    for row in screen.page.locator(f"{selector} tr").all():
        heading, *cells = (plain(t) for t in row.locator("th, td").all_inner_texts())
        if cells and AMOUNT.fullmatch(cells[0].removesuffix(" €")):
            found[heading] = [amount(cell) for cell in cells]
    return found


def press(screen, selector, then="main"):
    """Click what opens another page."""
    with screen.page.expect_navigation():
        screen.page.click(selector)
    screen.settle(then)


def sent_once(screen, selector):
    """Wait until a form whose button is pressed four times leaves once.

    Nothing is sent. It leaves four times before the page's programs are there.
    """
    form = screen.page.query_selector(selector)
    screen.page.wait_for_function(IMPATIENT, arg=form, timeout=10_000)


def refuse(screen, selector, *words):
    """Click, and read what is wrong: a sentence, and before any code."""
    press(screen, selector, WRONG)
    told = text_of(screen, WRONG)
    assert all(word in told for word in words), told
    assert told[0].isupper() and not told.startswith("CAE-"), told


def draw(screen):
    """A stroke with a finger."""
    canvas = screen.page.locator("canvas.o_web_sign_signature")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 4, box["y"] + box["height"] / 2
    screen.page.mouse.move(x, y)
    screen.page.mouse.down()
    for step in range(1, 6):
        screen.page.mouse.move(x + 20 * step, y + (-1) ** step * 12)
    screen.page.mouse.up()


def file_of(screen, selector):
    """``(bytes, kind)`` of the file that a link opens."""
    place = screen.page.locator(selector).first.evaluate("link => link.href")
    answer = screen.page.request.get(place)
    assert answer.status == 200, place
    return answer.body(), answer.headers["content-type"].partition(";")[0]


def pdf_of(screen, selector):
    """The text of the PDF that a link opens, on one line."""
    content, kind = file_of(screen, selector)
    assert kind == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(content))
    return plain(" ".join(page.extract_text() for page in reader.pages))
