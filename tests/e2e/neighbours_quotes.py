"""Quotes of the neighbours, beside Odoo's Sales: see ``neighbours.py``."""

import base64

from odoo.fields import Command

QUOTES = "sale.order"
#: Opens a quote of Alba's that was lost, as it does an invoice of hers.
TOKEN = "b" * 36


def add(town, words, paper, price):
    """Quotes that holders make on the portal, and one that the customer reads.

    :param town: what the neighbours have already
    :param words: ``{owner: the word that is theirs}``
    :param paper: makes a file that says a word
    :param price: gives an amount of an owner, which nothing else has
    """
    for key in [*town.made["res.partner"]]:
        holder = key if key in town.people else "bruno"
        desk = town.door("cae.invoicing", holder)
        make(town, desk, key, words[key], paper(words[key]), price(key))
    address(town, "alba", "customer", words["customer"])


def make(town, desk, key, word, paper, price):
    """Quotes in draft, sent, signed on paper and invoiced in part, lost."""
    line = {"description": f"Offer of {word}", "price": price}
    values = {
        **{"activity": f"X-{key}", "customer": town.made["res.partner"][key][0]},
        **{"reference": f"Asked {word}", "mentions": f"Terms {word}"},
        "lines": [{**line, "tax": desk.choices(f"X-{key}")["usual"]}],
    }
    quotes = [desk.save_quote(values) for _turn in range(4)]
    _draft, sent, signed, lost = town.env[QUOTES].browse(quotes)
    if key == "alba":
        lost.access_token = TOKEN
    sent.write({"state": "sent", "signed_by": f"Signer {word}"})
    content = base64.b64encode(paper).decode()
    desk.accept_quote(signed.id, files=[{"name": f"{word}.pdf", "content": content}])
    desk.refuse_quote(lost.id, f"Because {word}")
    town.keep(QUOTES, key, quotes)
    town.keep("ir.attachment", key, desk._papers(signed).ids)
    town.keep("account.move", key, [desk.invoice_quote(signed.id, "30", word)])


def address(town, seller, key, word):
    """A quote to the portal user, who reads it; so does who sells."""
    line = {"name": f"Offer of {word}", "price_unit": 913.57, "tax_ids": []}
    line["product_id"] = town.env.ref("cae_sale.product_service").id
    order = town.env[QUOTES].create(
        {
            "partner_id": town.users[key].partner_id.id,
            "cae_activity_id": town.activities[seller].id,
            "client_order_ref": f"Asked {word}",
            "order_line": [Command.create(line)],
        }
    )
    order.state = "sent"
    note = town.env.ref("mail.mt_note").id
    order.message_post(body=f"Between us: {town.word('staff')}", subtype_id=note)
    town.keep(QUOTES, key, order.ids)
