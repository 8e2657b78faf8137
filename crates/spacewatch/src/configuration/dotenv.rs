//! The `.env` file, read as the Python original's library reads it.
//!
//! Written here because every assignment must know its line: errors name it, and `setup` changes single
//! lines and keeps the rest as it is.

use spacewatch_model::Secret;

/// Longest file that is read.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024;

/// The assignments of a `.env` file in order.
#[derive(Debug, Default)]
pub(crate) struct Dotenv {
    pub(crate) assignments: Vec<Assignment>,
    /// Lines that are neither an assignment nor a comment, by number.
    pub(crate) rejected: Vec<usize>,
}

/// One `KEY=value`.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) key: String,
    pub(crate) value: Secret,
    /// The first line, counted from one.
    pub(crate) line: usize,
    /// The last line; a quoted value may go over several.
    pub(crate) last_line: usize,
}

impl Dotenv {
    /// Reads a file's text. `lookup` finds variables for `${NAME}` that the file doesn't set itself.
    pub(crate) fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut scanner = Scanner::new(text);
        let mut found = Self::default();
        while let Some(statement) = scanner.next_statement() {
            match statement {
                Statement::Blank => {}
                Statement::Rejected(line) => found.rejected.push(line),
                Statement::Assignment(mut assignment) => {
                    let expanded = expand(assignment.value.expose(), &|name| {
                        lookup(name).or_else(|| found.find(name))
                    });
                    assignment.value = Secret::new(expanded);
                    found.assignments.push(assignment);
                }
            }
        }
        found
    }

    /// The last value of a key.
    fn find(&self, key: &str) -> Option<String> {
        let last = self
            .assignments
            .iter()
            .rev()
            .find(|assignment| assignment.key == key)?;
        Some(last.value.expose().to_owned())
    }
}

enum Statement {
    Blank,
    Rejected(usize),
    Assignment(Assignment),
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            line: 1,
        }
    }

    fn next_statement(&mut self) -> Option<Statement> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        let start = self.rest.split('\n').next().unwrap_or_default().trim();
        if start.is_empty() || start.starts_with('#') {
            self.skip_line();
            return Some(Statement::Blank);
        }
        let Some((key, value)) = self.split_assignment() else {
            self.skip_line();
            return Some(Statement::Rejected(line));
        };
        self.rest = value;
        let value = self.value();
        let last_line = self.line;
        self.skip_line();
        Some(match value {
            Some(value) => {
                let value = Secret::new(value);
                Statement::Assignment(Assignment {
                    key: key.to_owned(),
                    value,
                    line,
                    last_line,
                })
            }
            None => Statement::Rejected(line),
        })
    }

    /// The key, and the text behind its `=` and blanks.
    fn split_assignment(&self) -> Option<(&'a str, &'a str)> {
        let statement = self.rest.trim_start_matches(is_blank);
        let statement = match statement.strip_prefix("export") {
            Some(behind) if behind.starts_with(is_blank) => behind.trim_start_matches(is_blank),
            _ => statement,
        };
        let (key, value) = statement.split_once('=')?;
        let key = key.trim_matches(is_blank);
        let named = !key.is_empty() && !key.contains(|c: char| c.is_whitespace() || c == '#');
        named.then(|| (key.trim_matches('\''), value.trim_start_matches(is_blank)))
    }

    fn value(&mut self) -> Option<String> {
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => {
                let line = self.rest.split('\n').next().unwrap_or_default();
                Some(without_comment(line).trim_end().to_owned())
            }
        }
    }

    /// A value in quotes; nothing where the closing quote is missing or more than a comment stands behind it.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut value = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            if c == quote {
                let behind = self.rest.get(at + 1..)?;
                self.line += self.rest.get(..at)?.matches('\n').count();
                self.rest = behind;
                let tail = behind.split('\n').next().unwrap_or_default().trim();
                return (tail.is_empty() || tail.starts_with('#')).then_some(value);
            }
            if c == '\\' {
                match characters.next() {
                    Some((_, escaped)) => value.push_str(&unescape(quote, escaped)),
                    None => return None,
                }
            } else {
                value.push(c);
            }
        }
        None
    }

    fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        self.line += 1;
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// A `#` begins a comment only behind a blank, so that it may stand in a value.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line.get(..*at).is_some_and(|l| l.ends_with(is_blank)));
    comment.map_or(line, |(at, _)| line.get(..at).unwrap_or(line))
}

fn unescape(quote: char, escaped: char) -> String {
    match (quote, escaped) {
        (_, '\\' | '\'') | ('"', '"') => escaped.to_string(),
        ('"', 'n') => "\n".to_owned(),
        ('"', 'r') => "\r".to_owned(),
        ('"', 't') => "\t".to_owned(),
        _ => format!("\\{escaped}"),
    }
}

/// Puts values in the place of `${NAME}` and `${NAME:-default}`.
fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        expanded.push_str(before);
        let Some((inside, after)) = behind.split_once('}') else {
            rest = rest.get(before.len()..).unwrap_or_default();
            break;
        };
        let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
        expanded.push_str(&lookup(name).unwrap_or_else(|| default.to_owned()));
        rest = after;
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let lookup = |name: &str| (name == "HOME_REGION").then(|| "ams3".to_owned());
        let found = Dotenv::parse(text, &lookup);
        let mut shown = String::new();
        for assignment in &found.assignments {
            let Assignment {
                key,
                value,
                line,
                last_line,
            } = assignment;
            shown += &format!("{line}-{last_line} {key}={:?}\n", value.expose());
        }
        for line in &found.rejected {
            shown += &format!("{line} rejected\n");
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn plain_and_quoted_values() {
        check(
            "A=1\nexport B = two words  # said\nC='it\\'s $x'\nD=\"a\\tb \\\"q\\\" #no\" # yes\nE=\nF=a#b\n",
            expect![[r##"
                1-1 A="1"
                2-2 B="two words"
                3-3 C="it's $x"
                4-4 D="a\tb \"q\" #no"
                5-5 E=""
                6-6 F="a#b"
            "##]],
        );
    }

    #[test]
    fn comments_blank_lines_and_line_ends() {
        check(
            "\u{feff}# head\r\n\r\n  A=1\r\nB = \"x\"\r\n   # tail",
            expect![[r#"
                3-3 A="1"
                4-4 B="x"
            "#]],
        );
    }

    #[test]
    fn several_lines_in_quotes() {
        check(
            "A=\"one\ntwo\"\nB=3",
            expect![[r#"
                1-2 A="one\ntwo"
                3-3 B="3"
            "#]],
        );
    }

    #[test]
    fn variables() {
        check(
            "A=x\nB=${A}/${HOME_REGION}/${NOT:-else}/${NOT}/${open\nC=$A",
            expect![[r#"
                1-1 A="x"
                2-2 B="x/ams3/else//${open"
                3-3 C="$A"
            "#]],
        );
    }

    #[test]
    fn lines_that_are_no_assignment() {
        check(
            "A\n=x\nB C=1\nD=\"open\nE=1\nF='x' y\n",
            expect![[r#"
                5-5 E="1"
                1 rejected
                2 rejected
                3 rejected
                4 rejected
                6 rejected
            "#]],
        );
    }
}
