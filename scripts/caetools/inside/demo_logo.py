"""The logo of the demo's cooperative: three waves and its name."""

import base64
import io
import math

from PIL import Image, ImageDraw

INK, FOAM = "#123f5c", "#2f9db3"
#: White where a program knows of no transparency.
CLEAR = (255, 255, 255, 0)
#: Drawn larger, then reduced, so that its edges are smooth.
SCALE, WIDTH, HEIGHT = 4, 420, 96


def logo(name: str) -> bytes:
    """A PNG, in base64 as Odoo keeps it."""
    image = Image.new("RGBA", (WIDTH * SCALE, HEIGHT * SCALE), CLEAR)
    draw = ImageDraw.Draw(image)
    for number, colour in enumerate((INK, FOAM, INK)):
        draw.line(_wave(26 + 22 * number), fill=colour, width=9 * SCALE, joint="curve")
    place = (112 * SCALE, HEIGHT * SCALE // 2)
    draw.text(place, name, fill=INK, font_size=44 * SCALE, anchor="lm")
    stream = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(stream, "PNG")
    return base64.b64encode(stream.getvalue())


def _wave(middle):
    """Two crests between the edges of the square."""
    return [
        (x * SCALE, (middle + 8 * math.sin((x - 8) * math.pi / 21)) * SCALE)
        for x in range(8, 93)
    ]
