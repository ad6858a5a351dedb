"""What people read when nothing else can be shown."""

from playwright.sync_api import expect

from tests.screens.stage import Scene, Stage

# More fields than anybody reads.
TOO_MANY_FIELDS = """
() => {
  const form = document.createElement("form");
  form.method = "post";
  for (let n = 0; n < 1500; n++) {
    const field = document.createElement("input");
    field.name = `a${n}`;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}
"""


def refused(stage: Stage) -> None:
    page = stage.stranger().page
    stage.look(page, "/nowhere/", "404")
    page.goto("/account/login/")
    with page.expect_navigation():
        page.evaluate(TOO_MANY_FIELDS)
    stage.take(page, "400")
    stage.look(stage.signed_in("patient1"), "/schedule/", "403")
    page.goto("/account/login/")
    page.context.clear_cookies()
    page.get_by_label("Email").fill("patient1@demo.example")
    page.get_by_label("Password").fill("clinicall demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("h1")).to_be_visible()
    stage.take(page, "403, a form without its cookie")


def too_often(stage: Stage) -> None:
    page = stage.stranger().page
    for _ in range(4):
        page.goto("/account/password/reset/")
        page.get_by_label("Email").fill("patient19@demo.example")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    stage.take(page, "429")


def broken(stage: Stage) -> None:
    page = stage.stranger().page
    stage.clinic.change("alter table people_specialization rename to away")
    try:
        stage.look(page, "/", "500")
    finally:
        stage.clinic.change("alter table away rename to people_specialization")


SCENES: list[Scene] = [refused, too_often, broken]
