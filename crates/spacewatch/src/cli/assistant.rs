//! What can be typed behind `spacewatch ask`, `chat` and `mcp`.

use clap::Args;
use spacewatch_model::BucketName;

use super::logs::LogArgs;

/// Ask in plain words.
///
/// The built-in planner answers; it needs no model, and no network besides your store. Where a model is configured
/// (DO_AGENT_URL), that answers with the same tools, and the planner when it fails. Every figure is bound to the tool
/// that gave it, as `--json` shows; one that no tool gave is marked. Nothing is changed by asking.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch ask which IP deleted report.pdf?
  spacewatch ask \"how much did prod-assets grow in the last 7 days?\"
  spacewatch ask --bucket prod-assets what are the biggest files
  spacewatch ask --json who got most 403s yesterday | jq .citations")]
pub(crate) struct AskArgs {
    /// The question.
    #[arg(value_name = "QUESTION", required = true, trailing_var_arg = true)]
    pub(crate) question: Vec<String>,
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

/// Talk to the assistant: questions may build on the ones before.
///
/// Tab completes bucket names, the arrow keys bring back what was asked. `/help` tells more, Ctrl-D ends it.
#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    #[command(flatten)]
    pub(crate) about: AboutArgs,
}

/// Offer the tools to a program that speaks the Model Context Protocol, on standard input and output.
///
/// For desktop assistants, editors and agents. Keys come from the environment or `.env`, as for every command; log lines go to standard
/// error. It ends when its input does.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  SPACES_KEY=… SPACES_SECRET=… spacewatch mcp
  spacewatch mcp --allow-writing        also snapshots, inventories and suppressions")]
pub(crate) struct McpArgs {
    /// Offer tools that change something as well.
    #[arg(long)]
    pub(crate) allow_writing: bool,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}

/// What is asked about.
#[derive(Debug, Args)]
pub(crate) struct AboutArgs {
    /// What "the bucket" means.
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    /// In which days are meant, by its IANA name such as `Asia/Singapore`; this machine's without it.
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Let the built-in planner answer, also where a model is configured (DO_AGENT_URL).
    #[arg(long)]
    pub(crate) no_model: bool,
    #[command(flatten)]
    pub(crate) log: LogArgs,
}
