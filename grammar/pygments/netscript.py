"""A Pygments lexer for NetScript (grammar/netscript.ebnf; a test compares the lists of words).

    pygmentize -x -l grammar/pygments/netscript.py:NetScriptLexer FILE

Contextual words are told as the parser tells them: by where they stand and the token after them.
"""

from pygments.lexer import RegexLexer, bygroups, include, words
from pygments.token import (
    Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace)

__all__ = ["NetScriptLexer"]

RESERVED = """
    let var fn if then else for in by while match return break continue and or not mod
    true false none""".split()
CONSTANTS = ("true", "false", "none")

TIME = "ns us ms s min h d".split()
DATA = "b kb Mb Gb B kB KB MB GB KiB MiB GiB".split()
RATE = "bps kbps Mbps Gbps".split()
RATIO = "%".split()

# By what comes next on the line: a text, a name, an operand, the end of the statement.
TEXT = "import case variant".split()
NAME = "param sweep policy preset kind on".split()
OPERAND = "when every at expect record plot report capture show why fail".split()
EITHER = "step print".split()
END = "pause stop".split()
MOMENT = "on when every at".split()
STATEMENTS = TEXT + NAME + OPERAND + EITHER + END + ["once", "run"]
CLAUSES = "as where within after before until every on".split()
MODALS = "always never eventually whenever finally".split()

# Reserved words that an operand may begin with.
STARTERS = ("not", "if", "fn") + CONSTANTS
# After these a line goes on with the next one.
OPEN = {"=", "+=", "-=", "=>", "->", "==", "!=", "<", "<=", ">", ">=", "..", "..<", "+", "-", "*",
        "/", ",", ":", "and", "or", "not", "mod", "in", "by"}


def _any(units):
    return "(?:" + "|".join(sorted(units, key=len, reverse=True)) + ")"


_DIGITS = r"\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_PER = r"(?:/" + _any(TIME) + r"\b(?!\())?"


class NetScriptLexer(RegexLexer):
    name = "NetScript"
    aliases = ["netscript"]
    filenames = ["*.ns"]

    tokens = {
        "root": [
            (r"\n", Whitespace),
            include("code"),
        ],
        "code": [
            (r"##(?!#).*", Comment.Special),
            (r"#.*", Comment.Single),
            (r"[ \t\r]+", Whitespace),
            (r'r"[^"\n]*"', String),
            (r'"""', String, "long"),
            (r'"', String, "text"),
            (r"0[xX][0-9A-Fa-f][0-9A-Fa-f_]*\b", Number),
            (_DIGITS + _any(DATA + RATE) + r"\b" + _PER, Number),
            (_DIGITS + _any(TIME) + r"\b", Number),
            (_DIGITS + "%", Number),
            (_DIGITS + r"(?![A-Za-z_0-9])" + _PER, Number),
            (_DIGITS + r"[A-Za-z_]\w*", Error),
            (r"(->)(\s*)(%|" + _any(TIME + DATA + RATE) + r"\b(?:/" + _any(TIME) + r"\b)?)",
             bygroups(Operator, Whitespace, Keyword.Type)),
            (r"(?<!\.)(\.)([ \t]*)([A-Za-z_]\w*)",
             bygroups(Punctuation, Whitespace, Name.Attribute)),
            (words(CONSTANTS, prefix=r"\b", suffix=r"\b"), Keyword.Constant),
            (words(RESERVED, prefix=r"\b", suffix=r"\b"), Keyword.Reserved),
            (r"[A-Za-z_]\w*", Name),
            (r"=>|->|==|!=|<=|>=|\.\.<?|\+=|-=|[-+*/<>=]", Operator),
            (r"[()\[\]{},;:.]", Punctuation),
        ],
        "escapes": [
            (r'\\[nrt"\\]|\{\{|\}\}', String.Escape),
            (r"\{", String.Interpol, "interpolation"),
            (r"\\.|\}", Error),
        ],
        "text": [
            (r'"', String, "#pop"),
            include("escapes"),
            (r'[^"\\{}\n]+', String),
            (r"\n", Error, "#pop"),
        ],
        "long": [
            (r'"""', String, "#pop"),
            include("escapes"),
            (r'[^"\\{}]+|"', String),
        ],
        "interpolation": [
            (r"(?::\d+(?:\.\d+)?)?\}", String.Interpol, "#pop"),
            (r"\n", Error, "#pop"),
            (r"\{", Punctuation, "braces"),
            include("code"),
        ],
        "braces": [
            (r"\}", Punctuation, "#pop"),
            include("interpolation"),
        ],
    }

    def get_tokens_unprocessed(self, text, stack=("root",)):
        tokens = list(super().get_tokens_unprocessed(text, stack))
        # Those that decide: all but spaces and comments, and of line ends those that count.
        deciding = _significant(tokens)
        following = dict(zip(deciding, deciding[1:] + [None]))
        preceding = dict(zip(deciding[1:], deciding))
        begins_hook = False
        for index, (place, kind, value) in enumerate(tokens):
            before = tokens[preceding[index]] if index in preceding else None
            if kind is Name:
                after = tokens[following[index]] if following.get(index) is not None else None
                begins = before is None or _is_separator(before)
                if begins_hook or begins and _begins_statement(value, after):
                    kind = Keyword
                    begins_hook = value == "once"
                elif before and _is_clause(value, before, after):
                    kind = Keyword.Pseudo
            elif kind is Name.Attribute:
                kind = Name.Constant if _is_symbol(tokens, preceding, index) else Name
            tokens[index] = (place, kind, value)
        return iter(tokens)


def _significant(tokens):
    """Indices of the tokens that decide about a word."""
    deciding, open_brackets = [], []
    for index, (_, kind, value) in enumerate(tokens):
        if kind in Comment or kind is Whitespace and value != "\n":
            continue
        if value == "\n":
            if open_brackets and open_brackets[-1] != "{":
                continue
            last = tokens[deciding[-1]][2] if deciding else "\n"
            if last in OPEN or last == "\n" or tokens[deciding[-1]][1] is Keyword.Pseudo:
                continue
        if kind in (Punctuation, String.Interpol):
            if value in "([{":
                open_brackets.append(value)
            elif value[-1] in ")]}" and open_brackets:
                open_brackets.pop()
        deciding.append(index)
    return deciding


def _is_separator(token):
    _, kind, value = token
    return value == "\n" or kind is Punctuation and value in ";{" or value == "=>"


def _starts_operand(token):
    _, kind, value = token
    if kind is Keyword.Reserved or kind is Keyword.Constant:
        return value in STARTERS
    return kind in Name or kind in Number or kind in String or value in ("(", "[", "-")


def _begins_statement(word, after):
    ends = after is None or after[2] in ("\n", ";", "}")
    if word in END:
        return ends
    if ends:
        return word in EITHER
    if word in TEXT:
        return after[1] in String
    if word in NAME:
        return after[1] is Name
    if word == "once":
        return after[2] in MOMENT
    if word == "run":
        return after[2] in ("for", "until")
    return word in OPERAND + EITHER and _starts_operand(after)


def _is_clause(word, before, after):
    if word in MODALS:
        return before[2] == "expect" and before[1] is Keyword
    if word in ("until", "on") and before[1] is Keyword and before[2] in ("run", "step"):
        return True
    ends_operand = (
        before[1] in Name or before[1] in Number or before[1] in String
        or before[1] in (Keyword.Constant, Keyword.Type) or before[2] in (")", "]", "}"))
    goes_on = after is not None and (after[2] == "\n" or _starts_operand(after))
    return word in CLAUSES and ends_operand and goes_on


def _is_symbol(tokens, preceding, index):
    """Whether nothing that can have members stands before the dot."""
    dot = preceding[index]
    if dot not in preceding:
        return True
    _, kind, value = tokens[preceding[dot]]
    has_members = (
        kind is Name or kind is Name.Constant or kind in Number or kind in String
        or kind is Keyword.Constant or value in (")", "]"))
    return not has_members or kind is String.Interpol
