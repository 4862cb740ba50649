"""Walks all models of a database as somebody, by RPC, and notes what is told."""

import collections
import json
import re

from stranger import error_of

TEXTS = ("char", "text", "html")
MANY = ("many2one", "one2many", "many2many")
ATTRIBUTES = ["type", "relation", "searchable", "groupable", "aggregator"]
#: What no field says: a search that finds it finds anything.
NOTHING = "Zvoid0v"
#: Records of a model that are read, words of others that are searched for, and one.
READ, WORDS = 200, 2
#: How often what is behind links to one model is read, and searched: its own rights
#: decide, not those of the link, unless the link has its own ways.
TWICE = 2
#: Part of the links behind a link that searches follow, drawn.
FURTHER = 0.02
#: Part of Odoo's own models that are written to, drawn.
WRITTEN = 0.15
#: Part of ours that is written to by who has the rights of another, or less.
SECOND = 0.5
#: Our own models are walked by everybody, and quotes, which entrepreneurs make.
OURS = re.compile(r"cae\.|sale\.order$").match
#: What refusing looks like; Odoo's own models may refuse in other ways.
REFUSED = "odoo.exceptions."


class Walk:
    """``found``: what was told of others; ``odd``: errors that are no refusal.

    :param part: of Odoo's own models, drawn
    """

    def __init__(self, stranger, told, words, draw, part=1.0):
        self.stranger, self.told, self.draw = stranger, told, draw
        self.models = [m for m in told["models"] if OURS(m) or draw.random() < part]
        ours = 1.0 if part == 1.0 else SECOND
        self.written = [
            m for m in self.models if draw.random() < (ours if OURS(m) else WRITTEN)
        ]
        # The last is what the team says, of anybody.
        self.words = [*words[:WORDS], *words[WORDS:][-1:]]
        self.fields, self.found, self.odd, self.done = {}, [], [], []
        self.refused, self.calls = set(), 0
        self.behind, self.searched = collections.Counter(), collections.Counter()

    def call(self, model, method, *args, **named):
        """The result, or None when it was refused."""
        self.calls += 1
        answer, leaks = self.stranger.call(model, method, *args, **named)
        if leaks:
            self.note(model, method, args or named, leaks)
        error = error_of(answer)
        self.check(model, method, error)
        return None if error else answer.get("result")

    def check(self, model, method, error):
        """Our own models refuse in words; Odoo's have their own errors."""
        if error and not error.startswith(REFUSED) and OURS(model):
            self.odd.append((f"{model}.{method}", error))

    def note(self, *place):
        self.found.append(" ".join(str(part)[:200] for part in place))

    # Reading -----------------------------------------------------------------------

    def read_all(self):
        """Everything of every model, in each of the ways in which it can be read."""
        # Who may not export at all is told so of anything.
        self.exports = self.call("res.currency", "export_data", [1], ["name"])
        ids = {model: self.listed(model) for model in self.models}
        ids = {model: found for model, found in ids.items() if found is not None}
        for model in ids:
            self.fields[model] = self.call(model, "fields_get", attributes=ATTRIBUTES)
        for model, found in ids.items():
            if found:
                self.read_fields(model, found)
            self.group(model)

    def listed(self, model):
        """Ids of what may be read; None: nothing ever may."""
        ids = self.call(model, "search", [], limit=READ)
        if ids is None and not OURS(model):
            return None
        named = self.call(model, "name_search", "", limit=READ)
        if ids is None and named:
            self.note(model, "name_search", "without the right to read")
        return ids

    def read_fields(self, model, ids):
        """All fields with what is behind their links, as the web client reads them."""
        fields = self.fields[model]
        spec = {name: self.nested(one) for name, one in fields.items()}
        parts = {}
        for name, inner in spec.items():
            # One refusal hides the others: what may be refused is read apart.
            doubt = fields[name].get("relation") not in (None, *self.fields)
            parts.setdefault(doubt and (bool(inner) or "link"), {})[name] = inner
        for part in parts.values():
            self.read_parts(model, ids, part)
        self.export(model, ids)

    def export(self, model, ids):
        """Own fields, and names behind links, as a file has them."""
        if not self.exports:
            return
        # A table that is none of the database's has no ids to export.
        names = [name for name in self.fields[model] if name != "id"]
        self.call(model, "export_data", ids, names)
        known = self.told["models"]
        self.call(
            *(model, "export_data", ids),
            [
                f"{name}/name"
                for name in self.links(model)
                if "name" in known[self.fields[model][name]["relation"]]["fields"]
            ],
        )

    def read_parts(self, model, ids, spec):
        """What can be read of a specification: one refusal hides the others."""
        if self.call(model, "web_read", ids, spec) is None and len(spec) > 1:
            names = list(spec)
            for half in (names[: len(names) // 2], names[len(names) // 2 :]):
                self.read_parts(model, ids, {name: spec[name] for name in half})

    def nested(self, field):
        """Some of what another model would tell, whatever may be read of it."""
        other = field.get("relation")
        if field["type"] not in MANY:
            return {}
        if self.behind[other] == TWICE:
            # A link tells a name without the right to read what it leads to, and
            # groups tell those that the database has.
            told = field["type"] == "many2one" and not field.get("groupable")
            return {"fields": {"display_name": {}}} if told else {}
        self.behind[other] += 1
        known = self.told["models"].get(other, {}).get("fields", {})
        texts = sorted(name for name, (kind, *_of) in known.items() if kind in TEXTS)
        drawn = self.draw.sample(texts, min(2, len(texts)))
        return {"fields": dict.fromkeys(("display_name", *drawn), {}), "limit": READ}

    def links(self, model):
        return [n for n, f in self.fields[model].items() if f["type"] in MANY]

    def group(self, model):
        """By all fields that can be grouped by, at once or else one by one."""
        fields = self.fields[model]
        sums = [
            f"{name}:{one['aggregator']}"
            for name, one in fields.items()
            if one.get("aggregator") and one["type"] in ("monetary", "float", "integer")
        ]
        units = [
            f"{name}:month" if one["type"] in ("date", "datetime") else name
            for name, one in fields.items()
            if one.get("groupable")
        ]
        given = {"groupby": units, "aggregates": ["__count", *sums]}
        if self.call(model, "formatted_read_group", [], **given) is None:
            for unit in units:
                self.call(
                    *(model, "formatted_read_group", []),
                    **{"groupby": [unit], "aggregates": ["__count", *sums]},
                )

    # Writing -----------------------------------------------------------------------

    def refuse(self, model, method, *args):
        """Note what was done after all."""
        if self.call(model, method, *args):
            self.done.append(f"{model}.{method}")

    # Searching ---------------------------------------------------------------------

    def search_all(self):
        """Whether a search tells that a word of others exists somewhere."""
        for model in self.fields:
            self.probe(model, [(name, model, name) for name in self.texts(model)])
            for link in self.links(model):
                self.probe_link(model, link)

    def texts(self, model):
        """Fields of a model in which words can be searched for."""
        if model in self.fields:
            fields = self.fields[model].items()
            return [n for n, f in fields if f["type"] in TEXTS and f.get("searchable")]
        known = self.told["models"][model]["fields"].items()
        return [
            name
            for name, (kind, _of, search, _plain) in known
            if search and kind in TEXTS
        ]

    def probe_link(self, model, link):
        """What lies behind a link, whether its model may be read or not."""
        field = self.fields[model][link]
        if not field.get("searchable") or field["relation"] not in self.told["models"]:
            return
        other = field["relation"]
        if self.told["models"][model]["fields"][link][3]:
            self.searched[other] += 1
            if self.searched[other] > TWICE:
                return
        behind = [(f"{link}.{name}", other, name) for name in self.texts(other)]
        if other in self.fields:
            self.probe(model, behind)
            return
        self.ask(model, [path for path, _model, _name in behind])
        for further, third in self.sample_links(other):
            self.ask(model, [f"{link}.{further}.{name}" for name in self.texts(third)])

    def sample_links(self, model):
        """Some of the links of a model, whether it may be read or not."""
        known = self.told["models"][model]["fields"].items()
        links = [
            (name, other)
            for name, (kind, other, search, _plain) in known
            if search and kind in MANY and other in self.told["models"]
        ]
        return [link for link in links if self.draw.random() < FURTHER]

    def probe(self, model, places):
        """Search for words in these places; those that are refused, one by one."""
        places = [place for place in places if place[1:] not in self.refused]
        if self.ask(model, [path for path, _model, _name in places]) is not None:
            return
        if len(places) == 1:
            self.refused.add(places[0][1:])
        elif places:
            half = len(places) // 2
            self.probe(model, places[:half])
            self.probe(model, places[half:])

    def ask(self, model, paths):
        """How many records a search for words of others finds; None: refused."""
        if not paths:
            return 0
        count = self.count(model, paths, self.words)
        if not count:
            return count
        for path in paths:
            found = self.count(model, [path], self.words)
            if found and found != self.count(model, [path], [NOTHING]):
                self.note(model, "is searched by", path)
        return count

    def count(self, model, paths, words):
        # A refusal may repeat what was searched for: only the number tells.
        leaves = [[path, "ilike", word] for path in paths for word in words]
        domain = ["|"] * (len(leaves) - 1) + leaves
        answer, _leaks = self.stranger.call(model, "search_count", domain)
        self.calls += 1
        self.check(model, "search_count", error_of(answer))
        return answer.get("result")


def report(walks, name):
    """What walks found, by what they are about."""
    found = collections.defaultdict(list)
    for who, walk in walks.items():
        for place in getattr(walk, name):
            found[json.dumps(place)].append(who)
    return dict(found)
