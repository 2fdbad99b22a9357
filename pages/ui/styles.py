"""The few rules of style that the theme cannot say."""

from typing import Final

import streamlit as st

_MUTED: Final = {"light": "#55616E", "dark": "#A3AFBB"}
_LINK: Final = {"light": "#0B5CAD", "dark": "#8CC2F5"}

_PRIMARY: Final = {"light": "#0B5CAD", "dark": "#2B72BD"}
_VERDICTS: Final = {
    "light": {"pass": "#0B6B74", "fail": "#A63A00", "warning": "#7A5400"},
    "dark": {"pass": "#5CC8CF", "fail": "#FF9A62", "warning": "#E3B341"},
}

_PAGE: Final = {"light": "#FFFFFF", "dark": "#12171D"}

_RULES: Final = """
[data-testid="stMainBlockContainer"] { padding-top: 1rem; padding-bottom: 3rem; }
/* Streamlit's own menu floats over the top bar: only its button takes clicks. */
[data-testid="stHeader"] { background: transparent; }
[data-testid="stHeader"], [data-testid="stHeader"] :not(button, a, button *, a *) { pointer-events: none !important; }
[data-testid="stHeader"] :is(button, a) { pointer-events: auto !important; }

.st-key-topbar { align-items: center; padding-bottom: .375rem;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
.st-key-nav { min-width: 0; scrollbar-width: none; }
.st-key-brand p { margin: 0 .5rem 0 0 !important; font-weight: 700; letter-spacing: -.01em; white-space: nowrap; }
.st-key-nav [data-testid="stPageLink"] a { padding: .25rem .5rem; white-space: nowrap; }

/* Streamlit draws a link to the page one is on as the current entry of a menu: only the navigation is one. */
[data-testid="stPageLink"] a { text-decoration: none; }
:not(.st-key-nav) > * > [data-testid="stPageLink"] a { background: transparent; padding: .125rem 0; }
:not(.st-key-nav) > * > [data-testid="stPageLink"] a :is(p, span) { color: var(--pf-link); font-weight: 400; font-size: 1rem;
  text-decoration: underline; text-underline-offset: .15em; text-decoration-thickness: 1px; }
:not(.st-key-nav) > * > [data-testid="stPageLink"] a:hover :is(p, span) { text-decoration-thickness: 2px; }

/* A link that is the page's primary action. */
[class*="st-key-primary"] [data-testid="stPageLink"] a { background: var(--pf-primary) !important;
  padding: .375rem .75rem !important; border-radius: .375rem; }
[class*="st-key-primary"] [data-testid="stPageLink"] a :is(p, span) { color: #fff !important;
  font-weight: 600 !important; text-decoration: none !important; white-space: nowrap; }
[class*="st-key-primary"] [data-testid="stPageLink"] a:hover { filter: brightness(.93); }

.st-key-who { font-size: .9333rem; }
[data-testid="stPageLink"] a span:has(> [data-testid="stIconMaterial"]) { text-decoration: none !important; }

.st-key-sentence { row-gap: .125rem; }
:is(.st-key-sentence, .st-key-brand) :is([data-testid="stMarkdownContainer"], [data-testid="stCaptionContainer"]) {
  margin-bottom: 0; }
.st-key-sentence p { margin: 0; }
[data-testid="stCaptionContainer"] { opacity: 1 !important; color: var(--pf-muted); }
[class*="st-key-muted"] :is(p, li) { color: var(--pf-muted); }
[data-testid="stButtonGroup"] button[aria-checked="true"] { color: inherit !important; font-weight: 600; }
[class*="st-key-sticky"] { position: sticky; top: .75rem; }
:has(> [class*="st-key-follows"]) { position: sticky; top: 0; z-index: 2; }
[class*="st-key-follows"] { background: var(--pf-page); padding: .375rem 0; }
[class*="st-key-only_phone"], :has(> [class*="st-key-only_phone"]) { display: none !important; }
/* Suggested, not decided: the word stands there too. */
[class*="st-key-suggested_"] { border: 1px dashed var(--pf-muted); border-radius: .375rem; padding: .25rem .625rem; }
[class*="st-key-current_"] { border-color: var(--pf-link) !important; }
:is(.st-key-report_html, :has(> .st-key-report_html)) { min-width: max-content; }
[class*="st-key-plain_table"] [data-testid="stElementToolbar"] { display: none; }

/* Streamlit's own «Stop» leaves a page half drawn, and is taken for the one of a judge's run. */
[data-testid="stStatusWidget"] button { display: none; }
@media (max-width: 1000px) { [data-testid="stMainMenu"] { display: none; } }  /* it would lie over «Copy link» */
@media (max-width: 640px) {
  .st-key-topbar { flex-wrap: wrap !important; row-gap: .25rem; }
  .st-key-topbar > * { min-width: 0; }
  .st-key-topbar > :has(> .st-key-nav) { order: 2; flex: 1 1 100% !important; max-width: 100%; }
  .st-key-topbar > :has(> .st-key-who) { margin-left: auto; }
  :is(.st-key-nav, .st-key-filterbar, [class*="st-key-controls_"]) { flex-wrap: nowrap !important; overflow-x: auto !important; }
  :is(.st-key-nav, .st-key-filterbar, [class*="st-key-controls_"]) > * { flex: 0 0 auto !important; }
  .st-key-muted_choice { flex-wrap: wrap !important; }
  :not(.st-key-nav) > * > [data-testid="stPageLink"] a :is(p, span) { white-space: normal; overflow: visible; }
  [data-testid="stButtonGroup"] > * { flex-wrap: nowrap !important; overflow-x: auto; }
  [data-testid="stButtonGroup"] button { flex: 0 0 auto !important; }
  [class*="st-key-only_wide"] { display: none !important; }
  [class*="st-key-only_phone"], :has(> [class*="st-key-only_phone"]) { display: flex !important; }
  [class*="st-key-sticky"], :has(> [class*="st-key-follows"]) { position: static; }
  :has(> [class*="st-key-first_on_phone"]) { order: -1; }
  [data-testid="stColumn"]:has([class*="st-key-first_on_phone"]) { order: -1; }
}
"""


def ink() -> str:
    """The colour of plain text, in the theme in use."""
    return {"light": "#1B2530", "dark": "#E6EAEE"}[_theme()]


def paper() -> str:
    """The colour of the page, in the theme in use."""
    return _PAGE[_theme()]


def muted() -> str:
    """The colour of text that stands back, in the theme in use."""
    return _MUTED[_theme()]


def empty_cell() -> str:
    """The style of a table cell that nothing is in."""
    return {"light": "background-color: #FFE3A3", "dark": "background-color: #5A430C"}[_theme()]


def thin_cell() -> str:
    """The style of a table cell with too little in it."""
    return {"light": "background-color: #FFF4D6", "dark": "background-color: #332A10"}[_theme()]


def verdict_colour(verdict: str) -> str:
    """The colour of «pass», «fail» or «warning» as text, in the theme in use; anything else is muted."""
    return _VERDICTS[_theme()].get(verdict, muted())


def draw() -> None:
    """Put the rules on the page."""
    colours = f"--pf-muted: {_MUTED[_theme()]}; --pf-link: {_LINK[_theme()]}; --pf-primary: {_PRIMARY[_theme()]};"
    colours += f" --pf-page: {_PAGE[_theme()]};"
    st.html(f"<style>.stApp {{ {colours} }} {_RULES}</style>")


def _theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"
