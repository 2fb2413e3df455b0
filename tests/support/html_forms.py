"""What a browser makes of a page: its forms with what stands in them, and what a screen reader is told."""

from html.parser import HTMLParser


class Form:
    """One form: where it goes, what it sends, and its buttons by name."""

    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get")
        self.fields = {}
        self.buttons = {}


class Page(HTMLParser):
    """A page's forms, headings and their levels, alerts, scripts and whatever has no name."""

    def __init__(self, text):
        super().__init__()
        self.text = text
        self.forms, self.headings, self.alerts, self.statuses, self.pills = [], [], [], [], []
        self.nameless, self.tags, self.links = [], set(), []
        self.levels, self.scripts = [], []
        self._labelled, self._controls = set(), []
        self._form = self._select = self._option = self._button = None
        self._data, self._into = "", None
        self.feed(text)
        self.nameless += [one for one in self._controls if one not in self._labelled]

    def form(self, button):
        """The form that has the button."""
        return next(one for one in self.forms if button in one.buttons)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.add(tag)
        self.levels += [int(tag[1])] if tag in ("h1", "h2", "h3") else []
        self.scripts += [one for one in (tag, *found) if one == "script" or one.startswith("on")]
        self._data = ""
        if tag == "form":
            self._form = Form(found)
            self.forms.append(self._form)
        elif tag in ("input", "select", "textarea") and found.get("type") != "hidden" and "aria-label" not in found:
            self._controls.append(found.get("id"))
        if tag == "input" and self._form and (found.get("type") != "checkbox" or "checked" in found):
            self._form.fields[found["name"]] = found.get("value", "")
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and self._select:
            self._option = found
        elif tag in ("textarea", "button"):
            self._button = found
        elif tag == "label":
            self._labelled.add(found.get("for"))
        elif tag == "th" and "scope" not in found:
            self.nameless.append("th")
        elif tag == "a":
            self.links.append(found["href"])
        elif tag == "span" and found.get("class", "").startswith("pill"):
            self._into = self.pills
        self._into = {"alert": self.alerts, "status": self.statuses}.get(found.get("role"), self._into)

    def handle_data(self, data):
        self._data += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "option" and self._select:
            value = self._option.get("value", self._data)
            if "selected" in self._option or self._select not in self._form.fields:
                self._form.fields[self._select] = value
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._form.fields[self._button["name"]] = self._data.removeprefix("\n")
        elif tag == "button":
            more = {self._button["name"]: self._button.get("value", "")} if "name" in self._button else {}
            self._form.buttons[self._button.get("aria-label", self._data)] = more
        elif tag in ("h1", "h2"):
            self.headings.append(self._data)
        elif tag in ("p", "span") and self._into is not None:
            self._into.append(self._data)
            self._into = None
