//! Every metric: what it is called, what it counts and what it rests on.

mod azure_monitor;
mod cloudwatch;
#[cfg(test)]
mod reference;
mod storage_lens;

use std::fmt;

use serde::Serialize;
use spacewatch_lake::LatencyKind;
use utoipa::ToSchema;

use super::class::{By, Class, Flow};
use super::statistic::{Percent, Statistic};

/// Whose words a metric is named in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    /// Amazon CloudWatch, namespace `AWS/S3`.
    #[serde(rename = "cloudwatch")]
    CloudWatch,
    /// Amazon S3 Storage Lens.
    StorageLens,
    /// Azure Monitor, blob storage.
    AzureMonitor,
}

impl Vocabulary {
    /// The name in queries and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloudWatch => "cloudwatch",
            Self::StorageLens => "storage_lens",
            Self::AzureMonitor => "azure_monitor",
        }
    }

    /// The name people know it by.
    pub fn title(self) -> &'static str {
        match self {
            Self::CloudWatch => "CloudWatch `AWS/S3`",
            Self::StorageLens => "Storage Lens",
            Self::AzureMonitor => "Azure Monitor (blob)",
        }
    }
}

/// What a value is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
pub enum Unit {
    /// Requests, errors, objects.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// 0 to 100 for shares; ratios may be above.
    Percent,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Milliseconds => "Milliseconds",
            Self::Percent => "Percent",
        })
    }
}

/// What a metric is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Access logs, with coverage.
    AccessLogs,
    /// A listing of the bucket, as it is now.
    Listing,
    /// The newest inventory of the bucket.
    Inventory,
    /// The bucket's configuration, as it is now.
    Configuration,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessLogs => "access logs",
            Self::Listing => "listing",
            Self::Inventory => "inventory",
            Self::Configuration => "configuration",
        })
    }
}

/// One metric of one vocabulary.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name there.
    pub name: &'static str,
    /// Whose name it is.
    pub vocabulary: Vocabulary,
    /// What it counts, in words.
    pub formula: &'static str,
    /// What else the reader should know.
    pub note: Option<&'static str>,
    /// The value is what the name says; otherwise the note tells how it differs.
    pub exact: bool,
    pub(crate) rule: Rule,
}

/// How a metric is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Each request of the class counts one.
    Requests(Class),
    /// Each request counts one if it is of the class, else zero.
    Flag(Class),
    /// The share of requests that are of the class.
    Share(Class),
    /// Bytes sent.
    Downloaded,
    /// Sizes of what was uploaded.
    Uploaded,
    /// How long requests took; of those that succeeded, or of all.
    Latency { kind: LatencyKind, successes: bool },
    /// Bytes sent by bytes stored.
    Retrieval,
    /// Bytes uploaded by bytes stored.
    Ingest,
    /// How many requests of each class of sizes.
    Sizes(Flow),
    /// Different keys read in a day.
    UniqueKeys,
    /// What is stored now.
    Stored(Stored),
    /// What the newest inventory holds besides current versions.
    Kept(Kept),
    /// How many lifecycle rules the bucket has.
    LifecycleRules,
}

/// A figure of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    NoncurrentBytes,
    NoncurrentVersions,
    DeleteMarkers,
    UploadBytes,
    Uploads,
    OldUploadBytes,
    OldUploads,
}

/// A figure of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    Bytes,
    Objects,
    AverageSize,
}

const COUNTED: &[Statistic] = &[Statistic::Sum, Statistic::SampleCount];
const SIZED: &[Statistic] = &[
    Statistic::Sum,
    Statistic::Average,
    Statistic::Minimum,
    Statistic::Maximum,
    Statistic::SampleCount,
    Statistic::P50,
    Statistic::Percentile(Percent::whole(90)),
    Statistic::P95,
    Statistic::P99,
];
const FLAGGED: &[Statistic] = &[
    Statistic::Sum,
    Statistic::Average,
    Statistic::Minimum,
    Statistic::Maximum,
    Statistic::SampleCount,
];
const TIMED: &[Statistic] = &[
    Statistic::Average,
    Statistic::Sum,
    Statistic::Minimum,
    Statistic::Maximum,
    Statistic::SampleCount,
    Statistic::P50,
    Statistic::Percentile(Percent::whole(90)),
    Statistic::P95,
    Statistic::P99,
];
const AVERAGED: &[Statistic] = &[Statistic::Average];

impl Metric {
    const fn new(vocabulary: Vocabulary, name: &'static str, rule: Rule, formula: &'static str) -> Self {
        Self {
            name,
            vocabulary,
            formula,
            note: None,
            exact: true,
            rule,
        }
    }

    const fn noting(self, note: &'static str) -> Self {
        Self {
            note: Some(note),
            ..self
        }
    }

    const fn approximate(self, note: &'static str) -> Self {
        Self {
            note: Some(note),
            exact: false,
            ..self
        }
    }

    /// What its values are numbers of.
    pub fn unit(&self) -> Unit {
        match self.rule {
            Rule::Requests(_)
            | Rule::Flag(_)
            | Rule::Sizes(_)
            | Rule::UniqueKeys
            | Rule::LifecycleRules
            | Rule::Stored(Stored::Objects)
            | Rule::Kept(Kept::NoncurrentVersions | Kept::DeleteMarkers | Kept::Uploads | Kept::OldUploads) => {
                Unit::Count
            }
            Rule::Downloaded
            | Rule::Uploaded
            | Rule::Stored(Stored::Bytes | Stored::AverageSize)
            | Rule::Kept(Kept::NoncurrentBytes | Kept::UploadBytes | Kept::OldUploadBytes) => Unit::Bytes,
            Rule::Share(_) | Rule::Retrieval | Rule::Ingest => Unit::Percent,
            Rule::Latency { .. } => Unit::Milliseconds,
        }
    }

    /// What it is computed from.
    pub fn sources(&self) -> &'static [Source] {
        match self.rule {
            Rule::Retrieval | Rule::Ingest => &[Source::AccessLogs, Source::Listing],
            Rule::Stored(_) => &[Source::Listing],
            Rule::Kept(_) => &[Source::Inventory],
            Rule::LifecycleRules => &[Source::Configuration],
            _ => &[Source::AccessLogs],
        }
    }

    /// The statistics it can be asked for, the default first. Where there are percentiles, any other will do as well.
    pub fn statistics(&self) -> &'static [Statistic] {
        match self.rule {
            Rule::Requests(_) => COUNTED,
            Rule::Flag(_) => FLAGGED,
            Rule::Downloaded | Rule::Uploaded => SIZED,
            Rule::Latency { .. } => TIMED,
            Rule::UniqueKeys | Rule::Sizes(_) => &[Statistic::Sum],
            Rule::Share(_)
            | Rule::Retrieval
            | Rule::Ingest
            | Rule::Stored(_)
            | Rule::Kept(_)
            | Rule::LifecycleRules => AVERAGED,
        }
    }

    /// Whether it can be asked for this statistic.
    pub fn allows(&self, statistic: Statistic) -> bool {
        let percentile = matches!(statistic, Statistic::Percentile(_));
        self.statistics().contains(&statistic) || (percentile && self.has_percentiles())
    }

    fn has_percentiles(&self) -> bool {
        matches!(
            self.rule,
            Rule::Latency { .. } | Rule::Downloaded | Rule::Uploaded
        )
    }

    /// What the series of a statistic can be told apart by.
    pub(crate) fn dimensions_of(&self, statistic: Statistic) -> &'static [By] {
        match (self.rule, statistic) {
            (Rule::Downloaded | Rule::Uploaded, Statistic::Percentile(_)) => By::OF_VALUES,
            _ => self.dimensions(),
        }
    }

    /// What its series can be told apart by; percentiles of sizes not by all of it.
    pub fn dimensions(&self) -> &'static [By] {
        match self.rule {
            Rule::Latency { .. } => By::OF_VALUES,
            Rule::Requests(_) | Rule::Flag(_) | Rule::Share(_) | Rule::Downloaded | Rule::Uploaded => By::ALL,
            Rule::Sizes(_) => &[By::SizeClass],
            _ => &[],
        }
    }
}

/// Every metric, by vocabulary.
pub fn all() -> impl Iterator<Item = &'static Metric> {
    cloudwatch::METRICS
        .iter()
        .chain(storage_lens::METRICS)
        .chain(azure_monitor::METRICS)
}

/// The metric of that name; upper and lower case are one. A name that two vocabularies share means the same in both,
/// and `storage_lens:GetRequests` asks for one of them.
pub(crate) fn find(name: &str) -> Option<&'static Metric> {
    let (vocabulary, name) = match name.split_once(':') {
        Some((vocabulary, name)) => (Some(vocabulary), name),
        None => (None, name),
    };
    all().find(|metric| {
        metric.name.eq_ignore_ascii_case(name)
            && vocabulary.is_none_or(|wanted| metric.vocabulary.as_str().eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_name_means_one_thing() {
        let mut seen = HashSet::new();
        for metric in all() {
            assert!(
                seen.insert((metric.vocabulary, metric.name)),
                "{} twice",
                metric.name
            );
            let first = find(metric.name).expect("it is there");
            assert_eq!(first.rule, metric.rule, "{} means two things", metric.name);
            let name = format!("{}:{}", metric.vocabulary.as_str(), metric.name.to_lowercase());
            let exactly = find(&name).expect("it is there");
            assert_eq!(
                (exactly.name, exactly.vocabulary),
                (metric.name, metric.vocabulary)
            );
            let written = serde_json::to_value(metric.vocabulary).expect("a name");
            assert_eq!(written, metric.vocabulary.as_str());
        }
        assert!(find("GetBananas").is_none() && find("azure_monitor:GetRequests").is_none());
    }

    #[test]
    fn what_is_not_exact_says_how() {
        for metric in all() {
            assert!(metric.exact || metric.note.is_some(), "{}", metric.name);
            assert!(!metric.statistics().is_empty(), "{}", metric.name);
        }
    }
}
