"""axe, the judge of accessibility, put into a page by the tester's hand; it comes with the app's own packages."""

from typing import Any

from playwright.sync_api import Frame

from sandbox.tests.running import ROOT

AXE = ROOT / "app" / "node_modules" / "axe-core" / "axe.min.js"
FIND = """async (whole) => {
    const rules = { 'page-has-heading-one': { enabled: whole } };
    const found = await axe.run(document, { resultTypes: ['violations'], iframes: false, rules });
    return found.violations.map((v) => ({ id: v.id, where: v.nodes.map((n) => n.html.slice(0, 120)) }));
}"""


def violations(frame: Frame) -> Any:
    """What axe finds in one frame, without the frames inside it. The heading of a page is its outermost frame's
    business.
    """
    frame.evaluate(AXE.read_text())
    return frame.evaluate(FIND, frame.parent_frame is None)
