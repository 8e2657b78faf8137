//! The metrics of Azure Monitor for blob storage.

use spacewatch_lake::LatencyKind;

use super::cloudwatch::{CURRENT_ONLY, DOWNLOADED, DOWNLOADED_NOTE, NO_REQUESTS, UPLOADED, UPLOADED_NOTE};
use super::{Class, Metric, Rule, Stored, Vocabulary};

const fn metric(name: &'static str, rule: Rule, formula: &'static str) -> Metric {
    Metric::new(Vocabulary::AzureMonitor, name, rule, formula)
}

pub(super) const METRICS: &[Metric] = &[
    metric("Transactions", Rule::Requests(Class::All), "Every client request.").noting(NO_REQUESTS),
    metric("Ingress", Rule::Uploaded, UPLOADED).approximate(UPLOADED_NOTE),
    metric("Egress", Rule::Downloaded, DOWNLOADED).noting(DOWNLOADED_NOTE),
    metric(
        "SuccessServerLatency",
        Rule::Latency {
            kind: LatencyKind::Turnaround,
            successes: true,
        },
        "Turn-around time of requests answered with a status from 200 to 399.",
    )
    .noting("Requests whose line has no turn-around time are no samples. Percentiles are nearest-rank and exact."),
    metric(
        "SuccessE2ELatency",
        Rule::Latency {
            kind: LatencyKind::Total,
            successes: true,
        },
        "Total time of requests answered with a status from 200 to 399.",
    )
    .noting("Requests whose line has no total time are no samples. Percentiles are nearest-rank and exact."),
    metric(
        "Availability",
        Rule::Share(Class::NoServerFault),
        "Client requests without a server's fault by all client requests, in percent; no point for a step without requests.",
    )
    .noting("A server's fault is the response type ServerBusyError, ServerTimeoutError or ServerOtherError; being throttled is not."),
    metric(
        "BlobCapacity",
        Rule::Stored(Stored::Bytes),
        "The sizes of all objects together.",
    )
    .approximate(CURRENT_ONLY),
    metric("BlobCount", Rule::Stored(Stored::Objects), "How many objects there are.").approximate(CURRENT_ONLY),
];
