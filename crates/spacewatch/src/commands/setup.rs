//! `spacewatch setup`: asks for what matters, or takes it as flags, and writes `.env`.

mod answers;
mod env_file;
mod questions;
mod reach;

use std::io::{self, IsTerminal};

use console::Style;
use serde::Serialize;
use spacewatch_model::Secret;

use crate::cli::SetupArgs;
use crate::configuration::environment;
use crate::failure::Failure;
use crate::output;

use answers::{Answer, Answers, Origin};
use env_file::EnvFile;

/// What was done, without any secret.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    /// Nothing was to be changed, so the file was left alone.
    unchanged: bool,
    set: Vec<SetKey>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct SetKey {
    key: &'static str,
    /// How it came about, or the value where it is no secret.
    value: String,
}

pub(super) fn run(args: &SetupArgs) -> Result<(), Failure> {
    let file = EnvFile::open(&args.env_file, &environment)?;
    let given = Answers::from_flags(args)?;
    let answers = if asks(args, &given)? {
        questions::ask(&file, given)?
    } else {
        given.without_questions(&file, args)?
    };
    let mut notes = answers.notes();
    if args.check_agent
        && let Some(note) = reach::check(&answers)
    {
        notes.push(note);
    }
    let changes = answers.changes(&file);
    if !changes.is_empty() {
        file.write(&changes)?;
    }
    let report = Report {
        file: args.env_file.display().to_string(),
        unchanged: changes.is_empty(),
        set: changes
            .iter()
            .map(|answer| SetKey {
                key: answer.key,
                value: answer.shown(),
            })
            .collect(),
        notes,
    };
    if args.json {
        output::print_json(&report)
    } else {
        show(&report)
    }
}

/// An application API key that nobody can guess.
pub(super) fn made_api_key() -> Secret {
    Answer::made_api_key().value
}

/// Questions are asked where somebody is there to answer.
fn asks(args: &SetupArgs, given: &Answers) -> Result<bool, Failure> {
    if args.yes || args.json {
        return Ok(false);
    }
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !terminal && given.are_none() {
        return Err(
            Failure::usage("there is no terminal to ask on, and no flag gives an answer").with_hint(
                "for example `spacewatch setup --generate-api-key --region fra1`; `--help` lists the flags",
            ),
        );
    }
    Ok(terminal)
}

fn show(report: &Report) -> Result<(), Failure> {
    let mut text = String::new();
    if report.unchanged {
        text += &format!("{} is as it should be; nothing was written\n", report.file);
    } else {
        text += &format!(
            "wrote {} (only you can read it)\n",
            Style::new().bold().apply_to(&report.file)
        );
    }
    for set in &report.set {
        text += &format!("  {:<14} {}\n", set.key, set.value);
    }
    for note in &report.notes {
        text += &format!("note: {note}\n");
    }
    text += "\nnext: `spacewatch serve` starts the dashboard, `spacewatch doctor` tries your keys\n";
    output::print(&text)
}

impl Answer {
    fn shown(&self) -> String {
        match self.origin {
            Origin::Made => format!("made, {} characters", self.value.expose().len()),
            Origin::Given if self.is_secret => format!("set, {} characters", self.value.expose().len()),
            Origin::Given => self.value.expose().to_owned(),
        }
    }
}
