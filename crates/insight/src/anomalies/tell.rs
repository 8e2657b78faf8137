//! Anomalies in words, with what explains them and the records that show it.

use jiff::Timestamp;
use spacewatch_lake::{Lake, LakeError, RecordFilter};
use spacewatch_model::{BucketName, ByteSize, TimeRange};

use super::explain::{self, Explainer, Explanation};
use super::{Anomaly, AnomalyDirection, AnomalyMetric};
use crate::finding::{self, Figure, Finding, Severity, Witness};
use crate::logs::SourceBucket;
use crate::{SearchLogsArgs, ToolError};

/// What the words are made from.
pub(super) struct Telling<'a> {
    pub(super) lake: &'a Lake,
    /// The records of the window.
    pub(super) filter: RecordFilter,
    pub(super) log_bucket: &'a BucketName,
}

impl Telling<'_> {
    /// Explains each, and tells it as a finding.
    pub(super) async fn tell(&self, anomalies: &mut [Anomaly]) -> Result<Vec<Finding>, ToolError> {
        let mut explainer = Explainer::new(self.lake, &self.filter);
        let mut findings = Vec::new();
        for anomaly in anomalies {
            anomaly.explanations = explainer.explanations(anomaly).await?;
            findings.push(self.finding(anomaly).await?);
        }
        Ok(findings)
    }

    async fn finding(&self, anomaly: &Anomaly) -> Result<Finding, ToolError> {
        let metric = anomaly.metric;
        let span = TimeRange {
            from: Some(anomaly.from),
            to: Some(anomaly.to),
        };
        let first = anomaly.explanations.first().filter(|first| first.explains);
        let mut query = explain::search(metric, slow(anomaly));
        query.source_bucket = self
            .filter
            .bucket
            .clone()
            .map(SourceBucket::from)
            .unwrap_or_default();
        let mut about = format!("what {} counts in these hours", metric.as_str());
        if let Some(first) = first {
            explain::narrow(&mut query, first);
            about = format!("{} `{}` in these hours", first.dimension, first.value);
        }
        let witness = Witness {
            lake: self.lake,
            log_bucket: self.log_bucket,
            window: span,
        };
        let records = self.count(&query, span).await?;
        let subject = format!("{}/{}", metric.as_str(), anomaly.from);
        Ok(Finding {
            id: finding::id("anomaly", self.filter.bucket.as_ref(), Some(&subject)),
            rule: "anomaly".to_owned(),
            severity: severity(anomaly),
            bucket: self.filter.bucket.clone(),
            subject: Some(subject),
            title: title(anomaly, first),
            why: why(anomaly).to_owned(),
            advice: advice(metric).to_owned(),
            first_seen: Some(anomaly.from),
            last_seen: Some(anomaly.to),
            figures: vec![
                Figure::new("value", anomaly.value, unit(metric)),
                Figure::new("usual", anomaly.usual, unit(metric)),
                Figure::new("usual_least", anomaly.usual_least, unit(metric)),
                Figure::new("usual_most", anomaly.usual_most, unit(metric)),
            ],
            parts: Vec::new(),
            proofs: vec![witness.proof(&about, query, records).await?],
            setting: None,
            suppressed: None,
        })
    }

    async fn count(&self, query: &SearchLogsArgs, span: TimeRange) -> Result<u64, LakeError> {
        explain::records(self.lake, query.records(span)).await
    }
}

/// With times: what counts as slow is more than such hours' 95th percentile ever was.
pub(super) fn slow(anomaly: &Anomaly) -> Option<u64> {
    let timed = matches!(
        anomaly.metric,
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95
    );
    timed.then(|| explain::whole_number(anomaly.usual_most).saturating_add(1))
}

fn unit(metric: AnomalyMetric) -> &'static str {
    match metric {
        AnomalyMetric::Requests => "Count",
        AnomalyMetric::ClientErrors | AnomalyMetric::ServerErrors => "Percent",
        AnomalyMetric::BytesSent | AnomalyMetric::BytesUploaded => "Bytes",
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95 => "Milliseconds",
    }
}

fn shown(metric: AnomalyMetric, value: f64) -> String {
    match metric {
        AnomalyMetric::Requests => format!("{value:.0}"),
        AnomalyMetric::ClientErrors | AnomalyMetric::ServerErrors => format!("{value:.1}%"),
        AnomalyMetric::BytesSent | AnomalyMetric::BytesUploaded => {
            ByteSize(explain::whole_number(value)).to_string()
        }
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95 => format!("{value:.0} ms"),
    }
}

fn title(anomaly: &Anomaly, first: Option<&Explanation>) -> String {
    let what = match anomaly.metric {
        AnomalyMetric::Requests => "requests",
        AnomalyMetric::ClientErrors => "the rate of 4xx answers",
        AnomalyMetric::ServerErrors => "the rate of 5xx answers",
        AnomalyMetric::BytesSent => "bytes sent",
        AnomalyMetric::BytesUploaded => "bytes uploaded",
        AnomalyMetric::FirstByteP95 => "the 95th percentile of the time until the first byte",
        AnomalyMetric::TotalP95 => "the 95th percentile of the total time",
    };
    let hour = |moment: Timestamp| moment.strftime("%Y-%m-%d %H:%M").to_string();
    let explained = first.map_or_else(
        || "no single operation, address, requester, prefix or status explains it".to_owned(),
        |first| {
            format!(
                "{} `{}` makes {}% of it",
                first.dimension, first.value, first.share_percent
            )
        },
    );
    format!(
        "{what}: {} an hour where {} are usual, from {} to {} UTC; {explained}",
        shown(anomaly.metric, anomaly.value),
        shown(anomaly.metric, anomaly.usual),
        hour(anomaly.from),
        hour(anomaly.to),
    )
}

fn severity(anomaly: &Anomaly) -> Severity {
    let times = anomaly.times_usual.unwrap_or(f64::INFINITY);
    match (anomaly.metric, anomaly.direction) {
        (AnomalyMetric::ServerErrors, _) if anomaly.value >= 5.0 => Severity::High,
        (AnomalyMetric::ServerErrors | AnomalyMetric::ClientErrors, _) => Severity::Medium,
        (AnomalyMetric::Requests, AnomalyDirection::Less) if anomaly.value == 0.0 => Severity::High,
        (AnomalyMetric::Requests, AnomalyDirection::Less) => Severity::Medium,
        (AnomalyMetric::BytesSent, _) if times >= 10.0 => Severity::High,
        _ if times >= 3.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

fn why(anomaly: &Anomaly) -> &'static str {
    match (anomaly.metric, anomaly.direction) {
        (AnomalyMetric::Requests, AnomalyDirection::Less) => {
            "whoever uses the bucket could not reach it, or stopped"
        }
        (AnomalyMetric::Requests, AnomalyDirection::More) => {
            "a program in a loop, a crawler or an attack; request rates are limited by the store"
        }
        (AnomalyMetric::ClientErrors, _) => {
            "clients ask for what they may not have or what is not there: a broken release, or somebody who tries"
        }
        (AnomalyMetric::ServerErrors, _) => "clients got no answer: the store failed, or throttled them",
        (AnomalyMetric::BytesSent, _) => {
            "egress costs money once the allowance is used up, and data may be leaving"
        }
        (AnomalyMetric::BytesUploaded, _) => "what comes in is stored and paid for",
        (AnomalyMetric::FirstByteP95, _) => "the store took longer to answer",
        (AnomalyMetric::TotalP95, _) => "requests took longer: a slow store, slow clients or larger objects",
    }
}

fn advice(metric: AnomalyMetric) -> &'static str {
    match metric {
        AnomalyMetric::Requests | AnomalyMetric::BytesSent => {
            "look at the records; if nobody knows the client, ask `findings` and `leaked-key` about it"
        }
        AnomalyMetric::ClientErrors => "look at the records by error code; tell whoever runs the client",
        AnomalyMetric::ServerErrors => {
            "look at the records by error code: with `SlowDown`, spread the requests or slow the client down; else ask the provider"
        }
        AnomalyMetric::BytesUploaded => "see with `diff` what was added, and by whom",
        AnomalyMetric::FirstByteP95 | AnomalyMetric::TotalP95 => {
            "look at the slow records; if all operations are slow, ask the provider"
        }
    }
}
