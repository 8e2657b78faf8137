//! An answer at the terminal, as it is made.

use std::io::{self, Write};

use console::{Style, Term};
use serde_json::Value;
use spacewatch_assistant::{Answer, Event, Made};
use spacewatch_model::OneLine;

use crate::failure::Failure;
use crate::output;

/// Characters of a call's arguments that are shown.
const MAX_ARGUMENTS: usize = 160;

/// Shows what happens: tools on standard error, the text on standard output.
pub(super) struct Shown {
    /// Whether text is shown while it comes: only to a person.
    streams: bool,
    silent: bool,
    text: String,
}

impl Shown {
    /// Nothing is shown on the way where the answer is wanted as JSON.
    pub(super) fn new(json: bool) -> Self {
        Self {
            streams: Term::stdout().is_term() && !json,
            silent: json,
            text: String::new(),
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        match event {
            Event::ToolCall { tool, args, .. } if !self.silent => {
                let args = OneLine(&args.to_string()).to_string();
                let args: String = args.chars().take(MAX_ARGUMENTS).collect();
                self.aside(&format!("· {tool} {args}"));
            }
            Event::ToolResult {
                ok: false, summary, ..
            } if !self.silent => {
                self.aside(&format!("  {}", OneLine(&summary)));
            }
            Event::Text { text } if self.streams => {
                let text = printable(&text);
                // Who closed the terminal learns of it when the answer is printed.
                let _ = io::stdout()
                    .write_all(text.as_bytes())
                    .and_then(|()| io::stdout().flush());
                self.text.push_str(&text);
            }
            _ => {}
        }
    }

    fn aside(&mut self, line: &str) {
        if !self.text.is_empty() {
            println!();
            self.text.clear();
        }
        eprintln!("{}", Style::new().for_stderr().dim().apply_to(line));
    }

    /// Whether a person is there who can be asked.
    pub(super) fn may_ask(&self) -> bool {
        !self.silent && output::is_terminal() && Term::stderr().is_term()
    }

    /// Says what was not said yet, and what the reader has to know of it.
    pub(super) fn end(&mut self, made: &Made) -> Result<(), Failure> {
        if self.silent {
            return output::print_json(made);
        }
        self.rest(&made.answer)?;
        aside(made);
        Ok(())
    }

    fn rest(&mut self, answer: &Answer) -> Result<(), Failure> {
        let text = printable(&answer.text());
        let rest = match text.strip_prefix(&self.text) {
            Some(rest) => rest.to_owned(),
            None => format!("\n{text}"),
        };
        self.text.clear();
        output::print(&format!("{}\n", rest.trim_end_matches('\n')))
    }
}

/// What the reader has to know of an answer besides its text.
fn aside(made: &Made) {
    let parts = made.answer.parts.iter().filter(|part| part.unbacked);
    let unbacked: Vec<&str> = parts.map(|part| part.text.trim()).collect();
    if !unbacked.is_empty() {
        let figures = format!("no tool gave these figures: {}", unbacked.join(", "));
        eprintln!(
            "{}",
            Style::new().for_stderr().yellow().apply_to(OneLine(&figures))
        );
    }
    if let Some(why) = &made.instead {
        let why = format!("the built-in planner answered: {why}");
        eprintln!("{}", Style::new().for_stderr().dim().apply_to(OneLine(&why)));
    }
}

/// What a deed gave, a figure a line: what stands at the top of its result and one level below, lists by their length.
pub(super) fn done(result: &Value) -> String {
    let mut lines = String::from("done\n");
    for (name, value) in result.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(inner) => inner.iter().for_each(|(part, value)| {
                lines += &line(&format!("{name} {part}"), value);
            }),
            None => lines += &line(name, value),
        }
    }
    lines
}

fn line(name: &str, value: &Value) -> String {
    let shown = match value {
        Value::Null | Value::Object(_) => return String::new(),
        Value::Array(values) => output::thousands(u64::try_from(values.len()).unwrap_or(u64::MAX)),
        Value::Number(number) => number
            .as_u64()
            .map_or_else(|| number.to_string(), output::thousands),
        Value::String(text) => OneLine(text).to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
    };
    format!("  {}: {shown}\n", OneLine(&name.replace('_', " ")))
}

/// Text that can't move the cursor or hide what stands there; lines stay lines.
fn printable(text: &str) -> String {
    let mut lines = text.split('\n').map(|line| OneLine(line).to_string());
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |mut all, line| {
        all.push('\n');
        all.push_str(&line);
        all
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_done_is_told_in_lines() {
        let result = json!({
            "metrics_key": "a/b\u{1b}[2J.json",
            "record": { "source_objects": 1234567, "top_ips": [1, 2], "interval_start": null },
            "notes": [],
            "begun": true,
        });
        expect![[r"
            done
              begun: yes
              metrics key: a/b\u{1b}[2J.json
              notes: 0
              record source objects: 1,234,567
              record top ips: 2
        "]]
        .assert_eq(&done(&result));
    }
}
