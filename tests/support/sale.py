"""What puts an event on sale, whoever asks and however."""
import datetime

STEPS = ("configure", "approve", "publish")  # from a draft to the sale


def from_now(**span):
    """A time, as the API writes it: from_now(days=9)."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**span)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def event_form(house, title, ticket_types, **more):
    """An event that is on sale at once, for a while. `house`: whose it is, and its hall; what `more` says to be None is left
    out."""
    form = {**house, "title": title, "venue": "Hall", "currency": "EUR", "timezone": "Europe/Berlin",
            "starts_at": from_now(days=9), "sale_starts_at": from_now(minutes=-15), "sale_ends_at": from_now(days=8),
            "ticket_types": ticket_types, **more}
    return {name: value for name, value in form.items() if value is not None}


async def open_house(post, name, sections):
    """An organization and a hall of its own, through `post(path, form)`, which returns what is granted."""
    house = await post("/v1/organizations", {"name": name})
    hall = await post("/v1/layouts", {"name": name, "sections": sections})
    return {"organization_id": house["organization"]["id"], "layout_id": hall["layout"]["id"]}


async def put_on_sale(post, form):
    """The event of such a form, published."""
    event = (await post("/v1/events", form))["event"]
    for step in STEPS:
        await post(f"/v1/events/{event['id']}/{step}", {})
    return event
