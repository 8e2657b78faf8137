//! Every metric of `/metrics`, with its meaning: the one list that answers and their documentation are made from.

use spacewatch_telemetry::{Family, Kind};

const fn family(name: &'static str, kind: Kind, unit: Option<&'static str>, help: &'static str) -> Family {
    Family {
        name,
        kind,
        unit,
        help,
    }
}

const SECONDS: Option<&str> = Some("seconds");
const BYTES: Option<&str> = Some("bytes");

pub(super) const BUILD: Family = family("spacewatch_build", Kind::Info, None, "Which SpaceWatch runs.");
pub(super) const UPTIME: Family = family(
    "spacewatch_uptime_seconds",
    Kind::Gauge,
    SECONDS,
    "Seconds since the start.",
);
pub(super) const OPERATIONS: Family = family(
    "spacewatch_operations",
    Kind::Counter,
    None,
    "Storage operations that ended, by layer (api: requests to SpaceWatch, s3: its calls to stores), kind, and HTTP status; none: no answer came.",
);
pub(super) const OPERATION_DURATION: Family = family(
    "spacewatch_operation_duration_seconds",
    Kind::Histogram,
    SECONDS,
    "How long storage operations took, to their last byte.",
);
pub(super) const S3_FIRST_BYTE: Family = family(
    "spacewatch_s3_first_byte_seconds",
    Kind::Histogram,
    SECONDS,
    "How long stores took to the first byte of an answer.",
);
pub(super) const HTTP_REQUESTS: Family = family(
    "spacewatch_http_requests",
    Kind::Counter,
    None,
    "Requests to SpaceWatch but those of the admin routes, by route and status.",
);
pub(super) const HTTP_DURATION: Family = family(
    "spacewatch_http_request_duration_seconds",
    Kind::Histogram,
    SECONDS,
    "How long these requests took, to their last byte.",
);
pub(super) const TOOL_REQUESTS: Family = family(
    "spacewatch_tool_requests",
    Kind::Counter,
    None,
    "Calls of a tool, through any door.",
);
pub(super) const ASSISTANT_QUESTIONS: Family = family(
    "spacewatch_assistant_questions",
    Kind::Counter,
    None,
    "Messages to the assistant.",
);
pub(super) const ASSISTANT_MODEL_REQUESTS: Family = family(
    "spacewatch_assistant_model_requests",
    Kind::Counter,
    None,
    "Requests to the configured language model.",
);
pub(super) const ASSISTANT_MODEL_FAILURES: Family = family(
    "spacewatch_assistant_model_failures",
    Kind::Counter,
    None,
    "Answers that the built-in planner gave because the model gave none.",
);
pub(super) const BUCKET_LISTS: Family = family(
    "spacewatch_bucket_list_refreshes",
    Kind::Counter,
    None,
    "Times that an account's list of buckets was fetched anew.",
);
pub(super) const KNOWN_TENANTS: Family = family(
    "spacewatch_known_tenants",
    Kind::Gauge,
    None,
    "Tenants whose list of buckets is remembered.",
);
pub(super) const CPU: Family = family(
    "process_cpu_seconds",
    Kind::Counter,
    SECONDS,
    "Processor time that the process took.",
);
pub(super) const RESIDENT: Family = family(
    "process_resident_memory_bytes",
    Kind::Gauge,
    BYTES,
    "Memory that the process holds.",
);
pub(super) const VIRTUAL: Family = family(
    "process_virtual_memory_bytes",
    Kind::Gauge,
    BYTES,
    "Address space that the process has.",
);
pub(super) const THREADS: Family = family("process_threads", Kind::Gauge, None, "Threads of the process.");
pub(super) const OPEN_FILES: Family = family(
    "process_open_fds",
    Kind::Gauge,
    None,
    "Files and sockets that the process has open.",
);

/// All of them, in the order of the page.
#[cfg(test)]
const ALL: [&Family; 18] = [
    &BUILD,
    &UPTIME,
    &OPERATIONS,
    &OPERATION_DURATION,
    &S3_FIRST_BYTE,
    &HTTP_REQUESTS,
    &HTTP_DURATION,
    &TOOL_REQUESTS,
    &ASSISTANT_QUESTIONS,
    &ASSISTANT_MODEL_REQUESTS,
    &ASSISTANT_MODEL_FAILURES,
    &BUCKET_LISTS,
    &KNOWN_TENANTS,
    &CPU,
    &RESIDENT,
    &VIRTUAL,
    &THREADS,
    &OPEN_FILES,
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    const BEGIN: &str = "<!-- metrics: written by a test -->\n";
    const END: &str = "<!-- end -->";

    #[test]
    fn the_documentation_names_every_metric() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/prometheus.md");
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let mut table = String::from("| metric | type | meaning |\n|---|---|---|\n");
        for family in ALL {
            let kind = format!("{:?}", family.kind).to_lowercase();
            table += &format!("| `{}` | {kind} | {} |\n", family.sample_name(), family.help);
        }
        let wanted = format!("{before}{BEGIN}{table}{END}{after}");
        if wanted != text {
            fs::write(&path, wanted).unwrap();
            panic!(
                "docs/prometheus.md was out of date and has been rewritten: look at the difference and commit it"
            );
        }
    }

    #[test]
    fn names_end_with_their_units() {
        for family in ALL {
            let unit = family.unit.map(|unit| format!("_{unit}")).unwrap_or_default();
            assert!(family.name.ends_with(&unit), "{}", family.name);
            assert!(family.name.starts_with("spacewatch_") || family.name.starts_with("process_"));
        }
    }
}
