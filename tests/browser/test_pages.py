"""The demo's launches in a real Chromium: each link ends where it should, axe finds nothing, nothing overflows."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demo import check, launch, open_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def links(page: Page, lms: str) -> list[str]:
    page.goto(lms)
    return page.locator("[data-link]").evaluate_all("all => all.map(one => one.dataset.link)")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_every_link_of_the_demo_ends_on_a_page_that_axe_likes(
    lms: str, browser: Browser, width: int, scheme: str
) -> None:
    page = open_page(browser, width, scheme)
    page.goto(lms)
    check(page)
    all_links = links(page, lms)
    assert len(all_links) >= 5
    for link in all_links:
        launch(page, lms, link)
        assert page.locator("h1").count() == 1
        check(page)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_from_a_channel_to_a_video_and_a_viewer_and_back(
    lms: str, browser: Browser, width: int, scheme: str, script: bool
) -> None:
    page = open_page(browser, width, scheme, script=script)
    if script:
        launch(page, lms, "canvas-channel")
    else:
        page.goto(lms)
        page.locator('[data-link="canvas-channel"] a').click()
        page.get_by_role("button").click()
        page.wait_for_url("**/channels/**")
    page.locator(".head-row summary").click()
    page.locator('.head-row [data-action="analytics"]').click()
    page.get_by_label("Compare with the previous period").check()
    page.get_by_label("Dates").select_option("120")
    page.get_by_role("button", name="Show", exact=True).first.click()
    page.wait_for_url("**range=120**")
    page.get_by_label("Metric").select_option("viewers")
    page.locator("#days ~ form button").click()
    page.wait_for_url("**metric=viewers**")
    assert page.locator("[data-change]").count() == 7
    assert page.locator('[data-table="days"] thead th').count() == 3
    if script:
        check(page)
    page.locator('[data-table="videos"] tbody a').first.click()
    page.wait_for_url("**/media/**")
    assert page.locator("h1").inner_text().startswith("Recording: Week")
    assert page.get_by_label("Dates").input_value() == "120"
    if script:
        check(page)
    page.locator('[data-table="viewers"] tbody a').first.click()
    page.wait_for_url("**/people/**")
    assert "User analytics" in page.title()
    page.locator('[data-action="back"]').first.click()
    page.wait_for_url("**/media/**")
    assert page.locator("h1").inner_text().startswith("Recording: Week")
    assert page.get_by_label("Dates").input_value() == "120"


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(lms: str, browser: Browser) -> None:
    page = open_page(browser, 360, "light")
    launch(page, lms, "brightspace-my-media")
    menus, opened = page.locator("details.menu summary"), page.locator("details.menu[open]")
    menus.first.click()
    assert opened.count() == 1
    page.keyboard.press("Escape")
    assert opened.count() == 0
    assert menus.first.evaluate("summary => summary === document.activeElement")
    menus.first.click()
    menus.nth(3).click()
    assert opened.count() == 1
    page.locator("h1").click()
    assert opened.count() == 0


def test_a_launch_says_what_to_do_without_script(lms: str, browser: Browser) -> None:
    page = open_page(browser, 360, "light", script=False)
    page.goto(lms)
    page.locator('[data-link="assistant"] a').click()
    assert page.locator("h1 + p").count() == 1
    page.get_by_role("button").click()
    page.wait_for_url("**/media/**")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (360, "light")])
def test_from_the_media_page_to_the_dashboard(lms: str, browser: Browser, width: int, scheme: str) -> None:
    page = open_page(browser, width, scheme)
    first = next(link for link in links(page, lms) if "media" in link)
    launch(page, lms, first)
    page.locator(".under-player summary").click()
    page.locator('[data-action="analytics"]').click()
    page.locator('[data-metric="unique_vod_live_viewers"]').first.wait_for()
    check(page)
    page.locator('[data-chart="timeline"] .plot').focus()
    page.keyboard.press("End")
    assert ":" in page.locator(".read-out").inner_text()
    page.locator(".attendees .person").first.focus()
    assert page.locator(".attendees .person-card").first.is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".attendees .person-card").first.is_visible()
    page.locator(".card .why").first.click()
    page.wait_for_url("**/analytics/explained?**")
    check(page)
    page.locator('[data-action="back"]').click()
    page.wait_for_url("**/analytics?**")
    page.locator('[data-action="back"]').click()
    page.locator(".under-player").wait_for()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_from_the_dashboard_to_recordings_countries_and_devices(
    lms: str, browser: Browser, width: int, scheme: str
) -> None:
    page = open_page(browser, width, scheme)
    launch(page, lms, next(link for link in links(page, lms) if "media" in link))
    page.locator(".under-player summary").click()
    page.locator('[data-action="analytics"]').click()
    for section, table in (("recordings", "people"), ("countries", "countries"), ("devices", "devices")):
        page.locator(f'section[aria-labelledby="{section}"] a', has_text="View details").click()
        page.wait_for_url(f"**/analytics/{section}?**")
        before = page.locator(f'[data-table="{table}"] tbody tr').count()
        page.locator(f'[data-table="{table}"] thead .sort').first.click()
        page.wait_for_url(f"**{table}_sort=name**")
        assert page.locator(f'[data-table="{table}"] tbody tr').count() == before > 0
        check(page)
        page.locator('[data-action="back"]').click()
        page.wait_for_url(f"**/analytics?**#{section}")


def test_lists_of_people_and_media_fit_a_small_screen_in_arabic(lms: str, browser: Browser) -> None:
    page = open_page(browser, 320, "light")
    launch(page, lms, "language-ar")
    for path in ("/channels/101", "/events/77/people"):
        address = urlsplit(page.url)
        page.goto(address._replace(path=path, query=f"launch={parse_qs(address.query)['launch'][0]}").geturl())
        assert page.locator(".media-table tbody tr").count() > 1
        check(page)


@pytest.mark.parametrize(
    ("link", "width", "scheme"), [("language-ar", 1280, "dark"), ("brightspace-media", 360, "light")]
)
def test_a_part_of_a_session_by_dragging_and_the_rows_that_open(
    lms: str, browser: Browser, link: str, width: int, scheme: str
) -> None:
    page = open_page(browser, width, scheme)
    launch(page, lms, link)
    if link == "brightspace-media":
        page.locator(".under-player summary").click()
        page.locator('[data-action="analytics"]').click()
    total = page.locator('[data-table="attendees"] [data-row="total"] [data-metric="live_view_time"]')
    whole = float(total.get_attribute("data-value") or "nan")
    image = page.locator('[data-chart="timeline"] img')
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_url("**from=**to=**")
    part = float(total.get_attribute("data-value") or "nan")
    assert 0 < part < whole
    page.locator(".more summary").first.click()
    assert page.locator(".more [data-heatmap]").first.is_visible()
    check(page)
    page.locator('[data-table="interactions"] tbody a').first.click()
    page.wait_for_url("**/interactions/**")
    check(page)


@pytest.mark.parametrize(
    ("width", "scheme", "script"), [(1280, "light", True), (320, "dark", True), (360, "light", False)]
)
def test_a_channels_rooms_over_a_range_and_one_session(
    lms: str, browser: Browser, width: int, scheme: str, script: bool
) -> None:
    page = open_page(browser, width, scheme, script=script)
    page.goto(lms)
    page.locator('[data-link="canvas-channel"] a').click()
    if not script:
        page.get_by_role("button").click()
    page.wait_for_url("**/channels/102?**")
    page.goto(page.url.replace("/channels/102", "/channels/102/analytics/rooms"))
    page.locator("#show").select_option("range:120")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**range=120**")
    held = page.locator('[data-table="sessions"] tbody tr').count()
    assert int(page.locator('[data-metric="count_sessions"]').first.get_attribute("data-value") or 0) == held > 4
    page.locator(".more summary").first.click()
    if script:
        check(page)
    page.locator(".visits a").first.click()
    page.wait_for_url("**session=**")
    assert page.locator('[data-chart="timeline"]').count() == 1
    page.locator(".card .why").first.click()
    page.wait_for_url("**/analytics/rooms/explained?**")
    page.locator('[data-action="back"]').click()
    page.wait_for_url("**session=**")
    if script:
        check(page)
    page.locator('[data-action="back"]', has_text="Channel").click()
    page.wait_for_url("**/channels/102?**")
