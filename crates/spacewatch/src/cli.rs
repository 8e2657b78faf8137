//! The command line: what can be typed. What it does stands in `commands`.

pub(crate) mod anomalies;
pub(crate) mod assistant;
pub(crate) mod cost;
pub(crate) mod diff;
pub(crate) mod eval;
pub(crate) mod evidence;
pub(crate) mod findings;
pub(crate) mod growth;
pub(crate) mod hot_cold;
pub(crate) mod inventory;
pub(crate) mod leaked_key;
pub(crate) mod logs;
pub(crate) mod snapshot;
pub(crate) mod suppression;
mod target;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use spacewatch_demo::{Fault, SyntheticKeys};
use spacewatch_model::BucketName;

use crate::configuration::Flag;
use crate::exit;

pub(crate) use target::Target;

const EXAMPLES: &str = "\
Examples:
  spacewatch demo                          try everything, without an account
  spacewatch setup                         write a configuration for your own store
  spacewatch serve --port 9000             the dashboard and the HTTP API
  spacewatch doctor                        what works with these keys, and why not
  spacewatch du prod-assets --depth 2      where the bytes are
  spacewatch ask who deleted report.pdf    any question in plain words
  spacewatch logs audit prod-assets/a.pdf  everything that happened to an object
  spacewatch ls prod-assets --recursive --json | jq -r .key";

/// Answers questions about object storage from nothing but your own S3 keys.
///
/// What is stored, how healthy and how fast the store is: on DigitalOcean Spaces first, and on every other
/// S3-compatible store. `spacewatch demo` shows it without an account.
#[derive(Debug, Parser)]
#[command(name = "spacewatch", version = version(), arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Cli {
    /// Say more on standard error; twice for everything.
    #[arg(short, long, global = true, action = ArgAction::Count, display_order = 900)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    Serve(ServeArgs),
    Setup(SetupArgs),
    Buckets(BucketsArgs),
    Ls(LsArgs),
    Du(DuArgs),
    Top(TopArgs),
    Recent(RecentArgs),
    Ask(Box<assistant::AskArgs>),
    Chat(Box<assistant::ChatArgs>),
    Mcp(Box<assistant::McpArgs>),
    Eval(eval::EvalArgs),
    Doctor(DoctorArgs),
    Posture(PostureArgs),
    Logs(Box<logs::LogsArgs>),
    Cost(Box<cost::CostArgs>),
    Findings(Box<findings::FindingsArgs>),
    Anomalies(Box<anomalies::AnomaliesArgs>),
    Growth(Box<growth::GrowthArgs>),
    HotCold(Box<hot_cold::HotColdArgs>),
    Diff(Box<diff::DiffArgs>),
    LeakedKey(Box<leaked_key::LeakedKeyArgs>),
    Evidence(Box<evidence::EvidenceArgs>),
    Inventory(Box<inventory::InventoryArgs>),
    Snapshot(Box<snapshot::SnapshotArgs>),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

/// Try everything with a store made up in memory: no account, no network.
///
/// Starts an S3 store inside this process with believable buckets, a visitor who keeps using it, and the server with its
/// dashboard. Ctrl-C ends it, and nothing is left behind.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch demo                                         the dashboard on a free port
  spacewatch demo --store-only                            only the S3 store, for other tools
  spacewatch demo --store-only --synthetic flat:1000000   a bucket of a million keys
  spacewatch demo --fault slow-down:chance=0.05           a store with bad manners")]
pub(crate) struct DemoArgs {
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<String>,
    /// Port to listen on; without it the first free one from 8000 on, with --store-only from 9000 on.
    #[arg(long)]
    pub(crate) port: Option<String>,
    /// Open the dashboard in the browser.
    #[arg(long, conflicts_with = "store_only")]
    pub(crate) open: bool,
    /// Start only the S3 store, as an endpoint for other tools.
    #[arg(long)]
    pub(crate) store_only: bool,
    /// Leave out the visitor who keeps making traffic.
    #[arg(long)]
    pub(crate) no_visitor: bool,
    /// Add a bucket of computed keys, `flat:COUNT` or `tree:FOLDERSxKEYS`; may be given several times.
    #[arg(long, value_name = "SHAPE")]
    pub(crate) synthetic: Vec<SyntheticKeys>,
    /// Add a bucket `files-from-disk` with the files of a directory, such as log objects; they are only read.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) logs_from: Option<PathBuf>,
    /// Let the store misbehave, as EFFECT[:WHEN][@OPERATION]; may be given several times.
    ///
    /// Effects: latency=20ms+5ms, slow-down, internal-error, garbage, drop, reset, hang, stall, truncate=100,
    /// lie=100, wrong-etag, raw-keys, ignore-subresources; for bodies reset=4096 and stall=4096 (after so many bytes), vanish,
    /// changed, wrong-content. When: every=10, chance=0.1, next=3, above=50 (requests
    /// a second). Operation: the name of an S3 call, such as ListObjectsV2.
    #[arg(long, value_name = "FAULT")]
    pub(crate) fault: Vec<Fault>,
    /// Number from which the made-up contents follow.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
}

/// Serve the dashboard and the HTTP API.
///
/// Every visitor brings credentials of their own with each request; the server keeps none. Settings come from
/// flags, the environment, `.env` and `spacewatch.toml`, in this order; the defaults suffice.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch serve
  spacewatch serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
  LOG_FORMAT=json spacewatch serve --port 9000")]
pub(crate) struct ServeArgs {
    /// Address to listen on [HOST, default 127.0.0.1].
    #[arg(long, value_name = "ADDRESS")]
    host: Option<String>,
    /// Port to listen on, 0 for any free one [PORT, default 8000].
    #[arg(long)]
    port: Option<String>,
    /// PEM file with the certificate chain, for HTTPS [TLS_CERT].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    tls_cert: Option<String>,
    /// PEM file with the certificate's private key [TLS_KEY].
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    tls_key: Option<String>,
    /// Region where a request names none [SPACES_REGION, default sgp1].
    #[arg(long)]
    region: Option<String>,
    /// Store where a request names none [SPACES_ENDPOINT].
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    endpoint: Option<String>,
    /// How log lines look: `text` or `json` [LOG_FORMAT].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// How much is logged: `error`, `warning`, `info`, `debug` [LOG_LEVEL].
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// Write a configuration: asks a few questions, or takes the answers as flags.
///
/// Writes `.env` with mode 0600. Lines and comments that an existing file has besides are kept, and nothing is
/// overwritten without asking. Secrets are best given by standard input or environment: what stands on
/// a command line can be read by everybody on the machine.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch setup
  spacewatch setup --generate-api-key --region fra1 --yes
  pass show agent | spacewatch setup --agent-key - --yes")]
pub(crate) struct SetupArgs {
    /// Full chat-completions URL of an AI agent.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) agent_url: Option<String>,
    /// The agent's key; `-` reads it from standard input, `env:NAME` from the environment.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub(crate) agent_key: Option<String>,
    /// Application API key, which opens the admin routes; `-` and `env:NAME` as above.
    #[arg(
        long,
        value_name = "KEY",
        allow_hyphen_values = true,
        conflicts_with = "generate_api_key"
    )]
    pub(crate) api_key: Option<String>,
    /// Make an application API key.
    #[arg(long)]
    pub(crate) generate_api_key: bool,
    /// Default region.
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE", default_value = ".env", value_hint = ValueHint::FilePath)]
    pub(crate) env_file: PathBuf,
    /// Ask nothing; what has no flag stays as it is.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Replace values that the file already has.
    #[arg(long)]
    pub(crate) force: bool,
    /// Try whether the agent can be reached, for at most five seconds.
    #[arg(long)]
    pub(crate) check_agent: bool,
    /// Print what was done as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose store is asked, and how the answer looks.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// Print JSON, the same as the HTTP API answers.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) export: ExportArgs,
    /// Access key id [SPACES_KEY].
    #[arg(long, value_name = "ID", help_heading = "Store")]
    key: Option<String>,
    /// File with the secret access key, `-` for standard input [SPACES_SECRET].
    #[arg(long, value_name = "FILE", help_heading = "Store", value_hint = ValueHint::FilePath)]
    pub(crate) secret_file: Option<PathBuf>,
    /// Region of the store [SPACES_REGION, default sgp1].
    #[arg(long, help_heading = "Store")]
    region: Option<String>,
    /// Any S3 endpoint, instead of the region's [SPACES_ENDPOINT].
    #[arg(long, value_name = "URL", help_heading = "Store", value_hint = ValueHint::Url)]
    endpoint: Option<String>,
}

/// For spreadsheets and other programs.
#[derive(Debug, Default, Args)]
pub(crate) struct ExportArgs {
    /// Write the answer's list as comma-separated values, safe for spreadsheets; `-` is standard output.
    #[arg(long, value_name = "FILE", help_heading = "Export", group = "format", conflicts_with = "json", value_hint = ValueHint::FilePath)]
    pub(crate) csv: Option<PathBuf>,
    /// Write it as Parquet: columns for DuckDB, Spark, pandas.
    #[arg(long, value_name = "FILE", help_heading = "Export", group = "format", conflicts_with = "json", value_hint = ValueHint::FilePath)]
    pub(crate) parquet: Option<PathBuf>,
    /// Which list of the answer, by its name in the JSON; the first that has rows without it.
    #[arg(long, value_name = "NAME", help_heading = "Export", requires = "format")]
    pub(crate) list: Option<String>,
}

/// List the buckets these keys can see.
///
/// Keys limited to single buckets may not list buckets. Name yours here or in FALLBACK_BUCKETS, and they are tried
/// one by one.
#[derive(Debug, Args)]
pub(crate) struct BucketsArgs {
    /// Buckets to try when the keys may not list buckets.
    #[arg(value_name = "BUCKET")]
    pub(crate) named: Vec<BucketName>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// List a bucket, a level at a time or with everything below.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch ls                                   the buckets
  spacewatch ls prod-assets/images/               one level
  spacewatch ls s3://prod-assets -r --json        one JSON object a line, in bounded memory")]
pub(crate) struct LsArgs {
    /// What to list; without it, the buckets.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    /// Everything below, in key order; JSON comes as one object a line.
    #[arg(short, long, requires = "target")]
    pub(crate) recursive: bool,
    /// With --recursive: in the order the store answers, many times faster.
    #[arg(long, requires = "recursive")]
    pub(crate) unordered: bool,
    /// Stop after so many rows [default: none; 1000 with --json on one level].
    #[arg(short = 'n', long, value_name = "ROWS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Go on where an answer ended: its `next`.
    #[arg(long, value_name = "TOKEN", requires = "json", conflicts_with = "recursive")]
    pub(crate) next: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Sum up how much is stored.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch du                            every bucket
  spacewatch du prod-assets --depth 1      by folder")]
pub(crate) struct DuArgs {
    /// What to sum up; without it, every bucket.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Option<Target>,
    /// Also by folder, this many levels deep.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 0, requires = "target")]
    pub(crate) depth: u8,
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Whether an inventory may answer instead of the store.
#[derive(Debug, Args)]
pub(crate) struct KeptArgs {
    /// An inventory no more than so many seconds old may answer, without listing again.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u32>,
}

/// Show the largest objects.
#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// Where to look.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// How many, at most MAX_TOP_LARGEST (50).
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Show the objects written last.
#[derive(Debug, Args)]
pub(crate) struct RecentArgs {
    /// Where to look.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// How many, at most 200.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 10)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Explain what works with these keys and what doesn't, and why.
///
/// Only reads: it tries the endpoint, the credentials and the buckets, and says where the settings came from. Ends with
/// the exit code of what failed first, so that scripts can ask it too.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Look at this bucket only; then it must work.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Show how buckets are set up, what of it is unsafe, and what these keys may not see.
///
/// Logging, versioning, lifecycle, policy, ACL, CORS, encryption and more, and whether somebody without any keys can list
/// the bucket. It only reads.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch posture                         every bucket that can be seen
  spacewatch posture prod-assets             every setting of one
  spacewatch posture --json | jq .summary    which have no logging, versioning, lifecycle, abort rule
  spacewatch posture --csv - --list findings")]
pub(crate) struct PostureArgs {
    /// Look at this bucket only.
    #[arg(value_name = "BUCKET")]
    pub(crate) bucket: Option<BucketName>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Print a script that completes commands and flags in your shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch completions bash > ~/.local/share/bash-completion/completions/spacewatch
  spacewatch completions zsh > ~/.zfunc/_spacewatch
  spacewatch completions fish > ~/.config/fish/completions/spacewatch.fish")]
pub(crate) struct CompletionsArgs {
    pub(crate) shell: Shell,
}

/// Print the manual page, or write one for each command into a directory.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  spacewatch man | man -l -
  spacewatch man --dir ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Directory for the pages; it is made if it is missing.
    #[arg(long, value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

/// Flags as settings, those that were given.
fn flags(pairs: Vec<(&'static str, &'static str, &Option<String>)>) -> Vec<Flag> {
    let given = pairs
        .into_iter()
        .filter_map(|(key, flag, value)| value.clone().map(|value| Flag { key, flag, value }));
    given.collect()
}

impl DemoArgs {
    pub(crate) fn flags(&self) -> Vec<Flag> {
        flags(vec![
            ("HOST", "--host", &self.host),
            ("PORT", "--port", &self.port),
        ])
    }
}

impl ServeArgs {
    pub(crate) fn flags(&self) -> Vec<Flag> {
        flags(vec![
            ("HOST", "--host", &self.host),
            ("PORT", "--port", &self.port),
            ("TLS_CERT", "--tls-cert", &self.tls_cert),
            ("TLS_KEY", "--tls-key", &self.tls_key),
            ("SPACES_REGION", "--region", &self.region),
            ("SPACES_ENDPOINT", "--endpoint", &self.endpoint),
            ("LOG_FORMAT", "--log-format", &self.log_format),
            ("LOG_LEVEL", "--log-level", &self.log_level),
        ])
    }
}

impl StoreArgs {
    pub(crate) fn flags(&self) -> Vec<Flag> {
        flags(vec![
            ("SPACES_KEY", "--key", &self.key),
            ("SPACES_REGION", "--region", &self.region),
            ("SPACES_ENDPOINT", "--endpoint", &self.endpoint),
        ])
    }
}

impl Command {
    /// Whether the answer, and so an error too, is wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Setup(args) => args.json,
            Self::Buckets(args) => args.store.json,
            Self::Ls(args) => args.store.json,
            Self::Du(args) => args.store.json,
            Self::Top(args) => args.store.json,
            Self::Recent(args) => args.store.json,
            Self::Ask(args) => args.about.log.store.json,
            Self::Chat(args) => args.about.log.store.json,
            Self::Mcp(args) => args.log.store.json,
            Self::Eval(args) => args.json,
            Self::Doctor(args) => args.store.json,
            Self::Posture(args) => args.store.json,
            Self::Logs(args) => args.command.wants_json(),
            Self::Cost(args) => args.wants_json(),
            Self::Findings(args) => args.wants_json(),
            Self::Anomalies(args) => args.log.store.json,
            Self::Growth(args) => args.log.store.json,
            Self::HotCold(args) => args.log.store.json,
            Self::Diff(args) => args.log.store.json,
            Self::LeakedKey(args) => args.log.store.json,
            Self::Evidence(args) => args.command.wants_json(),
            Self::Inventory(args) => args.command.wants_json(),
            Self::Snapshot(args) => args.command.wants_json(),
            Self::Demo(_) | Self::Serve(_) | Self::Completions(_) | Self::Man(_) => false,
        }
    }
}

/// The version, with the commit where the build was told it.
fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    option_env!("SPACEWATCH_COMMIT")
        .map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"))
}
