//! What can be typed behind `spacewatch inventory`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};
use spacewatch_insight::{OddFilter, UploadOrder};

use super::{StoreArgs, Target, flags};
use crate::configuration::Flag;

const EXAMPLES: &str = "\
Examples:
  spacewatch inventory run prod-assets               list it once, and keep that
  spacewatch inventory show prod-assets              how much there is, sorted in every way
  spacewatch inventory tree prod-assets/media/       where the bytes are
  spacewatch inventory duplicates prod-assets        what is most likely stored twice
  spacewatch inventory uploads prod-assets           uploads that were never completed
  spacewatch inventory export prod-assets --parquet prod-assets.parquet";

/// List a bucket once, keep that, and ask it anything: sizes, ages, versions, duplicates, what is forgotten.
///
/// An inventory is kept in DATA_DIR and says as of when it is. A scan that was interrupted goes on where it stopped.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct InventoryArgs {
    #[command(subcommand)]
    pub(crate) command: InventoryCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    Run(RunArgs),
    Show(ShowArgs),
    Tree(TreeArgs),
    Prefixes(PrefixesArgs),
    Duplicates(DuplicatesArgs),
    Uploads(UploadsArgs),
    Odd(OddArgs),
    Export(RowsArgs),
    Status(StatusArgs),
}

/// Which inventory is asked.
#[derive(Debug, Args)]
pub(crate) struct InventoryOf {
    /// The bucket, or a part of it.
    #[arg(value_name = "BUCKET[/PREFIX]")]
    pub(crate) target: Target,
    /// Directory of the inventories [DATA_DIR].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl InventoryOf {
    pub(crate) fn flags(&self) -> Vec<Flag> {
        let mut given = self.store.flags();
        given.extend(flags(vec![("DATA_DIR", "--data-dir", &self.data_dir)]));
        given
    }
}

/// Take an inventory, or go on with one that was interrupted.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// Only tell what it would take.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// How much there is: by kind, storage class, age, size, ending.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// How many objects of those that stand out.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Folders and their sizes as a tree.
#[derive(Debug, Args)]
pub(crate) struct TreeArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// How many levels.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub(crate) depth: u32,
    /// How many folders of each folder; the others are summed up.
    #[arg(short = 'n', long, value_name = "FOLDERS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) children: u32,
}

/// The largest prefixes.
#[derive(Debug, Args)]
pub(crate) struct PrefixesArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// How many levels of folders a prefix has.
    #[arg(short, long, value_name = "LEVELS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=32))]
    pub(crate) depth: u32,
    /// How many rows.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Objects that are most likely the same: equal in entity tag and size.
#[derive(Debug, Args)]
pub(crate) struct DuplicatesArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// How many groups.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Uploads that were never completed, and when a rule drops them.
#[derive(Debug, Args)]
pub(crate) struct UploadsArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// How many rows.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// The oldest first, not the largest.
    #[arg(long)]
    oldest: bool,
}

impl UploadsArgs {
    pub(crate) fn order(&self) -> UploadOrder {
        if self.oldest {
            UploadOrder::Age
        } else {
            UploadOrder::Bytes
        }
    }
}

/// Objects whose names cause trouble, and objects without a byte.
#[derive(Debug, Args)]
pub(crate) struct OddArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// Which ones.
    #[arg(long, value_name = "KIND", default_value = "any-name")]
    pub(crate) show: OddKind,
    /// How many rows.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
}

/// Which objects stand out.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum OddKind {
    AnyName,
    ZeroByte,
    ControlCharacter,
    InvisibleCharacter,
    OuterSpace,
    EmptyPart,
    DotPart,
    Backslash,
    PercentEncoded,
    VeryLong,
    TrailingSlash,
}

impl From<OddKind> for OddFilter {
    fn from(kind: OddKind) -> Self {
        match kind {
            OddKind::AnyName => Self::AnyName,
            OddKind::ZeroByte => Self::ZeroByte,
            OddKind::ControlCharacter => Self::ControlCharacter,
            OddKind::InvisibleCharacter => Self::InvisibleCharacter,
            OddKind::OuterSpace => Self::OuterSpace,
            OddKind::EmptyPart => Self::EmptyPart,
            OddKind::DotPart => Self::DotPart,
            OddKind::Backslash => Self::Backslash,
            OddKind::PercentEncoded => Self::PercentEncoded,
            OddKind::VeryLong => Self::VeryLong,
            OddKind::TrailingSlash => Self::TrailingSlash,
        }
    }
}

/// Write all rows of an inventory into a file; `-` is standard output.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("format").required(true))]
pub(crate) struct RowsArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
    /// One JSON object a line.
    #[arg(long, value_name = "FILE", group = "format", value_hint = ValueHint::FilePath)]
    pub(crate) jsonl: Option<PathBuf>,
}

/// Whether there is an inventory, and how far the last scan came.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) of: InventoryOf,
}

impl InventoryCommand {
    /// Whether the answer, and so an error too, is wanted as JSON.
    pub(crate) fn wants_json(&self) -> bool {
        let of = match self {
            Self::Run(args) => &args.of,
            Self::Show(args) => &args.of,
            Self::Tree(args) => &args.of,
            Self::Prefixes(args) => &args.of,
            Self::Duplicates(args) => &args.of,
            Self::Uploads(args) => &args.of,
            Self::Odd(args) => &args.of,
            Self::Export(args) => &args.of,
            Self::Status(args) => &args.of,
        };
        of.store.json
    }
}
