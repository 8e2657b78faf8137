//! What can be typed behind `spacewatch eval`.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use spacewatch_eval::Wordings;

/// Measure how right the assistant is, over a made-up store whose truth is known.
///
/// Makes a store in this process, with a week of access logs and incidents to find, computes what is true of it by plain loops, asks
/// each question in many wordings, and compares every figure and name. No account, no network unless a model is asked, and nothing is left behind.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch eval                             all questions, in all wordings
  spacewatch eval --wordings numbered         each in the wording of the set
  spacewatch eval --only forensic
  spacewatch eval --only 23 --json | jq -r '.answers[].answer'
  spacewatch eval --model                     asks the configured model, over the network
  spacewatch eval --at-least 90               fails when fewer than 90 % are right")]
pub(crate) struct EvalArgs {
    /// Only the questions of a group (cost, security, performance, growth, forensic, hygiene, refusals, talk), or one of them.
    #[arg(long, value_name = "GROUP|NUMBER")]
    pub(crate) only: Option<String>,
    /// In which wordings they are asked.
    #[arg(long, value_enum, default_value_t = AskedIn::All)]
    pub(crate) wordings: AskedIn,
    /// Ask the configured model (DO_AGENT_URL) instead of the built-in planner.
    #[arg(long)]
    pub(crate) model: bool,
    /// Ask in the wordings of this file: `[23]` above the wordings of question 23, one a line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) questions: Option<PathBuf>,
    /// Fail when fewer of a hundred answers are right.
    #[arg(long, value_name = "PERCENT")]
    pub(crate) at_least: Option<f64>,
    /// Print JSON, with every answer.
    #[arg(long)]
    pub(crate) json: bool,
}

/// In which wordings questions are asked.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AskedIn {
    /// The first wording of each.
    Numbered,
    /// Every wording.
    All,
}

impl From<AskedIn> for Wordings {
    fn from(asked: AskedIn) -> Self {
        match asked {
            AskedIn::Numbered => Self::Numbered,
            AskedIn::All => Self::All,
        }
    }
}
