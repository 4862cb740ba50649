"""A year of coaching of thousands of people, and how fast its lists are.

After ``scale fill``, ``year`` makes the coaching of one person by the product's own
methods, and its copies for the others by SQL. ``alerts`` times the nightly runs;
``lists`` what a list asks of the server (the first 80 rows with every column, the
groups of each group-by, the count of each filter, what is typed in the search box), as
the manager and as a coach, beside lists of Odoo's own with as many rows.
"""

import json
import statistics
import sys
import time
from ast import literal_eval
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from lxml import etree

from odoo import fields
from odoo.fields import Command
from odoo.tools.safe_eval import safe_eval

from . import env as inside
from .bench import Bench
from .scale import YEAR, Copies, Fill

#: People of a coach.
PEOPLE = 60
#: Euros of wage a month: less than what an activity earns.
FIXED = 100
#: People of a workshop.
SEATS = 12
ROUNDS = 7
ROWS = 80
PART = "<p>What was said.</p>"
#: Lists that are measured, by the list of Odoo that has as many rows.
LISTS = {
    "contacts": {
        "my_people": "cae_base.cae_entrepreneur_action_mine",
        "duty": "cae_coaching.cae_entrepreneur_action_duty",
        "candidates": "cae_coaching.cae_candidate_action",
        "social_files": "cae_coaching.cae_social_file_action",
    },
    "meetings": {
        "interviews": "cae_coaching.cae_interview_action",
        "actions": "cae_coaching.cae_coaching_action_action",
        "alerts": "cae_coaching.cae_coaching_alert_action",
        "documents": "cae_coaching.cae_person_document_action",
        "hours": "cae_coaching.cae_funded_hour_action",
    },
    "activities": {"tasks": "cae_coaching.cae_coaching_task_action"},
    "analysis": {"workload": "cae_coaching.cae_coach_workload_action"},
}
ANALYSED = [("invoice_date", ">=", f"{YEAR}-12-01")]
#: Odoo's lists: action, domain, a group-by that makes as many groups as people, and how
#: their view with open groups and their pivot are asked for (see ``Screen.opened``).
CORE = {
    "contacts": (
        *("base.action_partner_form", [("is_company", "=", False)], ()),
        # With the progress bar that Odoo's kanbans of work have.
        {"open": ("kanban", "type", True)},
    ),
    "meetings": (
        *("calendar.action_calendar_event", [], ("partner_ids",)),
        {"open": ("list", "show_as", False), "pivot": ["duration:sum"]},
    ),
    # What everybody has to do.
    "activities": (
        *("mail.mail_activity_action", [], ()),
        {"open": ("list", "activity_type_id", False)},
    ),
    # An analysis that is computed when it is read; of one month, for as many rows.
    "analysis": (
        *("account.action_account_invoice_report_all", ANALYSED, ()),
        {"pivot": ["quantity:sum", "price_subtotal:sum"], "by": "invoice_user_id"},
    ),
}
#: What takes a core's place for coaches: of what only accountants read; of activities,
#: whose owner's Odoo reads by one index and asks no right.
FOR_COACHES = {"analysis": "meetings", "activities": "meetings"}
#: What the widget of activities reads of each row.
ACTIVITY = (
    *("activity_exception_decoration", "activity_exception_icon", "activity_state"),
    *("activity_summary", "activity_type_icon", "activity_type_id"),
)
#: Colours of Odoo's progress bar of activities.
BAR = {
    "field": "activity_state",
    "colors": {"planned": "success", "today": "warning", "overdue": "danger"},
}


class Year(Fill):
    """The coaching of a year: of one person, then of all."""

    def run(self):
        """People get coaches and contracts; one a year; all the same."""
        self.people = self.env["cae.entrepreneur"].search(
            [("code", "=like", "E%")], order="code"
        )
        self.coaches()
        self.first = self.people[0]
        coaching, workshop = self.exemplar(), self.workshop()
        self.copy_all(coaching, workshop)
        self.env.flush_all()
        self.env.cr.commit()
        people = self.people.browse(self.people.ids)
        people._cae_compute_again("stage")
        people._cae_compute_again("cape_limit_date")
        people._refresh_interview_duty()
        self.env.cr.commit()
        self.settle()

    def settle(self):
        """What PostgreSQL does by itself in time: statistics, pages seen by all."""
        with self.env.registry.cursor() as cursor:
            cursor.connection.autocommit = True  # not within a transaction
            cursor.execute("VACUUM ANALYZE")

    def coaches(self):
        """A coach for each sixty people; contacts have them as their salesperson."""
        crowds = [
            self.people[first : first + PEOPLE]
            for first in range(0, self.count, PEOPLE)
        ]
        group = self.env.ref("cae_base.group_coach")
        users = self.env["res.users"].create(
            [
                {
                    "name": f"Coach {number}",
                    "login": f"coach{number}",
                    "group_ids": [Command.set(group.ids)],
                    "company_id": self.company.id,
                    "company_ids": [Command.set(self.company.ids)],
                }
                for number in range(len(crowds))
            ]
        )
        for user, crowd in zip(users, crowds, strict=True):
            crowd.write({"coach_id": user.id})
            crowd.partner_id.write({"user_id": user.id})
        for number in range(3):  # as many columns as our kanban has
            self.people[number::3].partner_id.write({"function": f"Job {number}"})

    def exemplar(self):
        """Records of the first person, by table; all made by the product."""
        person = self.first
        self.env["cae.contract"].search([("kind", "=", "cape")]).write(
            {"date_end": "2024-12-31"}
        )
        contract = self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cesa",
                "date_start": "2025-01-01",
                "fixed_part": FIXED,
            }
        )
        interviews = self.interviews(person)
        actions = self.actions(person, interviews)
        records = [
            contract,
            interviews,
            interviews.report_ids,
            interviews.signature_ids,
            actions,
            actions.activity_ids,
            self.documents_of(person),
            *self.social(person),
            self.candidate(),
            *self.meetings(person),
        ]
        self.env.flush_all()
        return {each._table: each.ids for each in records if each}

    def interviews(self, person):
        """Two of the legal kind, held, written, shared and signed by both."""
        coach = person.coach_id
        interviews = self.env["cae.interview"].create(
            [
                {
                    "entrepreneur_ids": [Command.set(person.ids)],
                    "coach_ids": [Command.set(coach.ids)],
                    "type_id": self.env.ref("cae_coaching.interview_type_support").id,
                    "date_start": datetime(2026, month, 10, 9),
                    **dict.fromkeys(
                        ("review", "prospects", "action_plan", "needs"), PART
                    ),
                }
                for month in (3, 9)
            ]
        )
        interviews.action_held()
        interviews.action_share()
        for report in interviews.report_id:
            report._sign("The Person", person=person, place="desk")
            report.with_user(coach)._sign("The Coach", place="desk")
        return interviews

    def actions(self, person, interviews):
        """One of the coach with a reminder, one of the person, one that is done."""
        actions = self.env["cae.coaching.action"].create(
            [
                {
                    "name": f"Action of the {owner}",
                    "entrepreneur_id": person.id,
                    "interview_id": interview.id,
                    "owner": owner,
                    "date_deadline": fields.Date.today() + timedelta(days=30),
                }
                for interview, owner in zip(
                    (interviews[0], interviews[1], interviews[1]),
                    ("coach", "person", "person"),
                    strict=False,
                )
            ]
        )
        actions[-1].action_done()
        return actions

    def documents_of(self, person):
        """One of each of three types, that expires in half a year."""
        types = self.env["cae.document.type"].search([], limit=3)
        return self.env["cae.person.document"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "type_id": kind.id,
                    "date_received": "2026-01-01",
                    "date_expiry": fields.Date.today() + timedelta(days=180),
                }
                for kind in types
            ]
        )

    def social(self, person):
        """A file with a status and an aid."""
        file = self.env["cae.social.file"].create({"entrepreneur_id": person.id})
        situation = self.env["cae.social.situation"].search([], limit=1)
        status = self.env["cae.social.status"].create(
            {"file_id": file.id, "date": "2025-01-01", "situation_id": situation.id}
        )
        return file, status

    def candidate(self):
        """Somebody who was seen once."""
        return self.env["cae.candidate"].create(
            {
                "first_name": "Candidate",
                "last_name": "Bench",
                "email": "candidate@example.org",
                "coach_id": self.first.coach_id.id,
            }
        )

    def meetings(self, person):
        """Two meetings in Odoo's calendar: as many as interviews."""
        events = self.env["calendar.event"].create(
            [
                {
                    "name": "Meeting",
                    "user_id": person.coach_id.id,
                    "partner_ids": [Command.set(person.partner_id.ids)],
                    "start": datetime(2026, month, 10, 9),
                    "stop": datetime(2026, month, 10, 10),
                }
                for month in (3, 9)
            ]
        )
        return events, events.attendee_ids

    def workshop(self):
        """A workshop of two half-days, paid by a funder; the first person was there."""
        event = self.env["event.event"].create(
            {
                "name": "Prices",
                "company_id": self.company.id,
                "cae_workshop": True,
                "date_begin": datetime(2026, 3, 12, 7),
                "date_end": datetime(2026, 3, 12, 18),
                "date_tz": "Europe/Paris",
                "cae_trainer_ids": [Command.set(self.first.coach_id.partner_id.ids)],
                "event_mail_ids": [Command.clear()],
            }
        )
        sessions = self.env["cae.workshop.session"].create(
            [
                {"event_id": event.id, "date": "2026-03-12", "part": part}
                for part in ("morning", "afternoon")
            ]
        )
        # In the past, where nobody signs up by themselves.
        self.env["event.registration"].create(
            {"event_id": event.id, "cae_entrepreneur_id": self.first.id}
        )
        attendances = self.env["cae.workshop.attendance"].search(
            [("event_id", "=", event.id)]
        )
        attendances._cae_own().write({"state": "present"})
        place, hours = self.funding()
        self.env.flush_all()
        return {
            "event": {event._table: event.ids, sessions._table: sessions.ids},
            "person": {
                "event_registration": event.registration_ids.ids,
                attendances._table: attendances.ids,
                place._table: place.ids,
                hours._table: hours.ids,
            },
        }

    def funding(self):
        """A line that pays all that the first person did."""
        programme = self.env["cae.funder.programme"].create(
            {
                "name": "Fund",
                "funder_id": self.company.partner_id.id,
                "company_id": self.company.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        line = self.env["cae.funder.line"].create(
            {"name": "Coaching", "programme_id": programme.id}
        )
        place = self.env["cae.funder.participant"].create(
            {"line_id": line.id, "entrepreneur_id": self.first.id}
        )
        self.env["cae.funded.hour"]._refresh(self.company)
        return place, self.env["cae.funded.hour"].search([])

    def copy_all(self, coaching, workshop):
        """The same of everybody else; days are spread over five months."""
        events = Copies(self.env, workshop["event"])
        events.make(
            "SELECT n, 0 AS months FROM"
            f" generate_series(0, {(self.count - 1) // SEATS}) n(n)",
            {"event_event.name": "jsonb_build_object('en_US', 'Workshop ' || t.n)"},
        )
        copies = Copies(self.env, {**coaching, **workshop["person"]})
        targets = f"""
            SELECT row_number() OVER (ORDER BY e.id) - 1 AS n, 0 AS months,
                   e.id AS person, e.partner_id AS partner, e.name AS name,
                   e.coach_id AS coach, u.partner_id AS coach_partner
              FROM cae_entrepreneur e JOIN res_users u ON u.id = e.coach_id
             WHERE e.id = ANY(ARRAY{self.people[1:].ids}::int[])
        """
        copies.make(targets, self.values(copies, events))
        for relation in (
            ("cae_interview_entrepreneur_rel", "cae_interview_id", "cae_interview",
             "cae_entrepreneur_id=t.person"),
            ("cae_interview_coach_rel", "cae_interview_id", "cae_interview",
             "res_users_id=t.coach"),
            ("cae_interview_reader_rel", "cae_interview_id", "cae_interview",
             "res_users_id=t.coach"),
            ("cae_interview_report_entrepreneur_rel", "cae_interview_report_id",
             "cae_interview_report", "cae_entrepreneur_id=t.person"),
            ("cae_coaching_action_reader_rel", "cae_coaching_action_id",
             "cae_coaching_action", "res_users_id=t.coach"),
            ("calendar_event_res_partner_rel", "calendar_event_id",
             "calendar_event", "res_partner_id=t.partner"),
        ):  # fmt: skip
            copies.relate(targets, *relation)

    def values(self, copies, events):
        """SQL of what differs from one person to the next."""

        def spread(column):
            # Twice the sign: the query has parameters.
            return f"o.{column} - (t.n %% 150) * interval '1 day'"

        session = events.bases["cae_workshop_session"]
        first = events.ids["cae_workshop_session"][0]
        group = f"{events.bases['event_event']} + t.n / {SEATS}"
        source = "CASE o.source_model WHEN 'cae.interview' THEN {} ELSE {} END".format(
            copies.copy("cae_interview", "o.source_id"),
            copies.copy("cae_workshop_attendance", "o.source_id"),
        )
        days = {
            f"{table}.{column}": spread(column)
            for table, columns in {
                "cae_interview": ("date_start", "date_stop", "held_start", "held_stop"),
                "cae_coaching_action": ("date_deadline",),
                "cae_person_document": ("date_expiry",),
                "cae_candidate": ("date_contact",),
                "calendar_event": ("start", "stop", "start_date", "stop_date"),
                "cae_funded_hour": ("date",),
                "cae_interview_signature": ("duty_date",),
            }.items()
            for column in columns
        }
        return {
            **days,
            "entrepreneur_id": "o.entrepreneur_id * 0 + t.person",
            "cae_entrepreneur_id": "t.person",
            "coach_id": "t.coach",
            "cae_candidate.entrepreneur_id": "NULL",
            "cae_interview.person_names": "t.name",
            "cae_interview.first_entrepreneur_id": "t.person",
            "cae_interview.event_id": "NULL",
            "cae_interview_signature.user_id": "t.coach",
            "cae_coaching_action.user_id": "t.coach",
            "mail_activity.user_id": "t.coach",
            "mail_activity.res_id": copies.copy("cae_coaching_action", "o.res_id"),
            "cae_candidate.name": "o.name || ' ' || t.n",
            "calendar_event.name": "t.name",
            "calendar_event.user_id": "t.coach",
            "calendar_event.show_as": "(ARRAY['busy', 'free'])[t.n %% 2 + 1]",
            "calendar_event.access_token": "NULL",
            "calendar_attendee.partner_id": "t.partner",
            "calendar_attendee.access_token": "o.access_token || t.n",
            "event_registration.event_id": group,
            "event_registration.partner_id": "t.partner",
            "event_registration.name": "t.name",
            "event_registration.barcode": "o.barcode || t.n",
            "cae_workshop_attendance.name": "t.name",
            "cae_workshop_attendance.event_id": group,
            "cae_workshop_attendance.session_id": (
                f"{session} + (t.n / {SEATS}) * 2 + o.session_id - {first}"
            ),
            "cae_funded_hour.source_id": source,
        }


class Lists(Bench):
    """Time lists, beside lists of Odoo with as many rows."""

    rounds, core, shown = ROUNDS, CORE, LISTS

    def run(self):
        """As the manager of the cooperative, and as one of its coaches."""
        coach = self.env["res.users"].search([("login", "=", "coach0")])
        for name, user in (("manager", self.env.user), ("coach", coach)):
            env = self.env(user=user, context={"lang": "en_US", **self.allowed()})
            self.result[name] = self.lists(env, mine=name == "coach")

    def allowed(self):
        """Of the context of every request."""
        return {"allowed_company_ids": self.company.ids}

    def lists(self, env, mine):
        """``{list: {operation: {"seconds", "processor", "queries", "rows"}}}``"""
        jobs = {}
        for core, (action, domain, groups, views) in self.core.items():
            own = [("user_id", "=", env.uid)] if mine else []
            if not (mine and core in FOR_COACHES):
                screen = Screen(env, action, [*domain, *own])
                jobs[core] = screen.operations(groups, **views)
            for name, xmlid in self.shown[core].items():
                screen = Screen(env, xmlid, [])
                jobs[name] = screen.operations(**screen.views(mine))
        found = {}
        for turn in range(self.rounds + 1):
            for name, operations in jobs.items():
                for operation, call in operations.items():
                    measured = self.timed(env, call)
                    if turn:  # the first one fills the caches of the process
                        found.setdefault((name, operation), []).append(measured)
        result = {name: {} for name in jobs}
        for (name, operation), measures in found.items():
            result[name][operation] = {
                key: round(statistics.median(m[key] for m in measures), 4)
                for key in measures[0]
            }
        for core, other in FOR_COACHES.items():
            result.setdefault(core, result[other])
        return result

    def timed(self, env, call):
        """One request: nothing of records in memory."""
        env.invalidate_all()
        env.user.fetch(["name", "company_id", "tz", "lang"])
        env.company.mapped("name")
        busy, queries = self.busy(), env.cr.sql_log_count
        start = time.perf_counter()
        rows = call()
        return {
            "seconds": time.perf_counter() - start,
            "processor": self.busy() - busy,
            # Asking which process serves us is a query as well.
            "queries": env.cr.sql_log_count - queries - 1,
            "rows": rows,
        }


class Quick(Lists):
    """Queries of lists and nightly runs, of few people: one round after the first."""

    rounds = 1

    def run(self):
        """Lists when there are alerts to read."""
        alerts = Alerts(self.env, self.count)
        alerts.run()
        super().run()
        self.result["night"] = alerts.result


class Screen:
    """What the web client asks of an action's list."""

    def __init__(self, env, xmlid, domain):
        action = env["ir.actions.actions"]._for_xml_id(xmlid)
        self.domain = [*domain, *self._evaluated(env, action["domain"] or "[]")]
        self.context = safe_eval(action["context"] or "{}", {"uid": env.uid})
        self.model = env[action["res_model"]].with_context(bin_size=True)
        ours = dict(reversed([(kind, view) for view, kind in action["views"]]))
        self.kinds = list(reversed(ours))
        asked = {"list": ours.get("list", False)}
        asked["search"] = (action["search_view_id"] or [False])[0]
        asked.update((k, ours[k]) for k in ("kanban", "pivot") if k in ours)
        views = self.model.get_views([(view, kind) for kind, view in asked.items()])
        self.fields = views["models"][self.model._name]["fields"]
        self.archs = {
            kind: etree.fromstring(view["arch"])
            for kind, view in views["views"].items()
        }
        self.search = self.archs["search"]

    def views(self, mine):
        """How the first view is asked for, if its groups are open or it is a pivot.

        :param mine: leave the filter *Mine* on; a manager has nobody
        """
        first = self.archs.get(self.kinds[0])
        wanted = [n for n, on in self._defaults() if on and (mine or n != "mine")]
        if self.kinds[0] == "pivot":
            sums = first.xpath("field[@type='measure']/@name")
            return {"pivot": [f"{name}:sum" for name in sums], "wanted": wanted}
        group = first is not None and first.get("default_group_by")
        if not group and first is not None and first.get("expand"):
            group = next((g for n, g in self.groups() if n in wanted), None)
        if not group:
            return {}
        bar = first.find("progressbar") is not None
        return {"open": (self.kinds[0], group, bar), "wanted": wanted}

    def _defaults(self):
        for name, value in self.context.items():
            if name.startswith("search_default_"):
                yield name.removeprefix("search_default_"), value

    def operations(self, groups=(), open=(), pivot=(), wanted=(), by="user_id"):
        """``{name: function that returns how many rows}``

        :param groups: more fields to group by
        :param open: arguments of :meth:`opened`
        :param pivot: measures of a pivot by user, the field ``by``
        :param wanted: filters of the first view
        """
        specification = self.specification("list")
        operations = {
            "read": lambda: len(
                self.model.web_search_read(
                    self.domain, specification, limit=ROWS, count_limit=10001
                )["records"]
            ),
            "count": lambda: self.model.search_count(self.domain),
        }
        filters = dict(self.filters())
        first = [*self.domain]
        for name in wanted:
            first += filters.get(name, [])
        if open:
            operations["open"] = self.opened(first, *open)
        if pivot:
            operations["pivot"] = lambda: len(
                self.model.formatted_read_grouping_sets(
                    first, [[], [by]], ["__count", *pivot]
                )[1]
            )
        for name, group in [*self.groups(), *((name, name) for name in groups)]:
            operations[f"group {name}"] = self.grouping(group, specification)
        for name, domain in filters.items():
            operations[f"filter {name}"] = self.counting(domain)
        operations["typed"] = self.counting(self.typed("Nom 11"))
        return operations

    def opened(self, domain, kind, group, bar):
        """A kanban or a list with its groups open, 80 rows each.

        :param bar: whether the kanban has a progress bar of activities
        """
        specification = self.specification(kind)
        context = {"read_group_expand": True}

        def read():
            groups = self.model.with_context(**context).web_read_group(
                domain,
                [group],
                ["__count"],
                auto_unfold=True,
                unfold_read_specification=specification,
                unfold_read_default_limit=ROWS,
            )["groups"]
            if bar:
                self.model.read_progress_bar(domain, group, BAR)
            return sum(len(each.get("__records", ())) for each in groups)

        return read

    def specification(self, kind):
        """Fields of the view, with the names of what they link to."""
        arch = self.archs[kind]
        nodes = arch.xpath("//field[not(ancestor::field or ancestor::groupby)]")
        names = {node.get("name"): None for node in nodes}
        if arch.xpath("//field[@widget='list_activity' or @widget='kanban_activity']"):
            names |= dict.fromkeys(ACTIVITY)
        return {
            name: {"fields": {"display_name": {}}}
            if self.model._fields[name].relational
            and self.model._fields[name].type != "one2many"
            else {}
            for name in names
        }

    def grouping(self, group, specification):
        """The groups of a group-by, with the sums of the columns."""
        sums = [
            f"{name}:{self.fields[name]['aggregator']}"
            for name in specification
            if name in self.fields
            and self.fields[name].get("aggregator")
            and self.fields[name]["type"] in ("integer", "float", "monetary")
        ]
        return lambda: self.model.web_read_group(
            self.domain, [group], ["__count", *sums], limit=ROWS
        )["length"]

    def counting(self, domain):
        """The count of a domain."""
        return lambda: self.model.search_count([*self.domain, *domain])

    def groups(self):
        """``(name, field to group by)`` of the search view."""
        for node in self.search.xpath("//filter[contains(@context, 'group_by')]"):
            context = literal_eval(node.get("context"))
            group = context["group_by"]
            group = group if isinstance(group, str) else group[0]
            kind = self.fields[group.split(":")[0]]["type"]
            if kind in ("date", "datetime") and ":" not in group:
                group += ":month"
            if kind != "properties":
                yield node.get("name"), group

    def filters(self):
        """``(name, domain)`` of the search view."""
        # Those of a period that the context would give are never offered here.
        offered = "//filter[@domain][not(contains(@domain, 'context.get'))]"
        for node in self.search.xpath(offered):
            yield node.get("name"), self._evaluated(self.model.env, node.get("domain"))

    def typed(self, text):
        """What is typed in the search box goes to its first field."""
        node = self.search.xpath("//field[not(ancestor::searchpanel)]")[0]
        if node.get("filter_domain"):
            return safe_eval(node.get("filter_domain"), {"self": text})
        return [(node.get("name"), node.get("operator", "ilike"), text)]

    def _evaluated(self, env, domain):
        today = fields.Date.context_today(env.user)
        names = {
            "uid": env.uid,
            "user": env.user,
            "context_today": lambda: today,
            "relativedelta": relativedelta,
            "allowed_company_ids": env.companies.ids,
            "active_id": False,
        }
        return safe_eval(domain, names) if isinstance(domain, str) else domain


class Alerts(Bench):
    """The nightly runs, as the superuser: first, again, and by who is concerned."""

    def run(self):
        """Seconds of each; how many alerts there are."""
        env = self.env(su=True)
        alerts = env["cae.coaching.alert"].with_company(self.company)
        runs = {
            "first": lambda: alerts._refresh(self.company),
            "again": lambda: alerts._refresh(self.company),
            "duty": env["cae.entrepreneur"]._refresh_interview_duty,
            "documents": env["cae.person.document"]._cron_alerts,
            "social": env["cae.social.file"]._cron_refresh,
            "hours": lambda: env["cae.funded.hour"]._refresh(self.company),
        }
        for name, run in runs.items():
            env.invalidate_all()
            self.company.mapped("name")
            with self.measure(name):
                run()
            env.cr.commit()
        self.result["alerts"] = alerts.search_count([("state", "=", "open")])


SIDES = {"year": Year, "alerts": Alerts, "lists": Lists, "quick": Quick}


def main(database: str, side: str, count: str) -> None:
    """Run one part."""
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        company = env["res.company"].search([("chart_template", "=", "fr")], limit=1)
        context = {"allowed_company_ids": company.ids}
        bench = SIDES[side](env(context=context), int(count))
        bench.run()
        inside.say("> " + json.dumps(bench.result))


if __name__ == "__main__":
    main(*sys.argv[1:])
