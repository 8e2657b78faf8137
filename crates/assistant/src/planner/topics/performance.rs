//! How fast it is, and what fails.

use serde_json::{Value, json};

use super::super::outcome::Outcome;
use super::super::topic::{Next, Scene, Topic, WEEK, call, once, with_period};
use super::super::when::Period;
use super::super::write::{As, Column, Place, Writer};
use crate::Call;

/// A step so long that every period since 1970 lies in one: a percentile of a whole period can't be had from those of its steps.
const ONE_STEP: u64 = 4_000_000_000;
/// Operations told apart.
const OPERATIONS: usize = 100;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "latency",
        ways: &["latency +operation +compare +@period +@against +@bucket"],
        example: "p50/p95/p99 first-byte and total latency per operation, today against last week?",
        next: |scene, said| once(said, || latency(scene)),
        write: write_latency,
        then: &[
            "What is the rate of 5xx and SlowDown, and since when?",
            "How near the request limits are we?",
        ],
        why: Some("compare"),
        who: None,
    },
    Topic {
        name: "errors",
        ways: &[
            "server_error +rate +when +client +who +error +@status",
            "error +rate +@status +most +client +many -object -log",
        ],
        example: "What is the rate of 5xx and SlowDown, since when, and which client?",
        next: |scene, said| once(said, || errors(scene)),
        write: write_errors,
        then: &[
            "How near the request limits are we?",
            "Which keys give most 404s, and who asks?",
        ],
        why: Some("compare"),
        who: Some("errors"),
    },
    Topic {
        name: "not-found",
        ways: &["not_found +object +who +most +ip +client", "not_found object"],
        example: "Which keys give most 404s, and who asks?",
        next: |scene, said| {
            once(said, || {
                let top = |by: &str| {
                    call("top", scene.during(WEEK, json!({ "source_bucket": scene.source(), "by": by, "status": "404", "key_prefix": scene.subject.prefix, "ip": scene.subject.ip, "limit": scene.subject.rows.unwrap_or(10) })))
                };
                let mut calls = vec![top("key"), top("ip"), top("user_agent")];
                if let Some(bucket) = &scene.subject.bucket {
                    calls.push(call(
                        "ghosts",
                        scene.during(WEEK, json!({ "bucket": bucket, "limit": 10 })),
                    ));
                }
                Next::Calls(calls)
            })
        },
        write: write_not_found,
        then: &[
            "Which IPs got most 403s, and did any then succeed?",
            "Everything that happened to it",
        ],
        why: None,
        who: Some("not-found"),
    },
    Topic {
        name: "compare",
        ways: &[
            "compare traffic|error|egress|download +@period +@against +@bucket",
            "explain traffic|error|latency",
            "compare @period +@against",
            "explain egress -@ip -cost",
        ],
        example: "What changed in requests today against yesterday, and why?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("compare", |bucket| {
                    let mut args = scene.during(
                        super::super::topic::DAY,
                        json!({ "bucket": bucket, "measure": measure(scene) }),
                    );
                    let against = scene.when.against.and_then(|against| {
                        Some(format!(
                            "{},{}",
                            against.from?,
                            against.to.unwrap_or(scene.now.at)
                        ))
                    });
                    if let (Value::Object(args), Some(against)) = (&mut args, against) {
                        args.insert("against".to_owned(), Value::String(against));
                    }
                    args
                })
            })
        },
        write: write_compare,
        then: &["Was there anything out of the ordinary in the last 24 hours?"],
        why: Some("compare"),
        who: Some("compare"),
    },
];

fn measure(scene: &Scene<'_>) -> &'static str {
    if scene.means(&["egress", "download"]) {
        "bytes"
    } else if scene.means(&["error", "server_error"]) {
        "errors"
    } else {
        "requests"
    }
}

/// For each bucket its percentiles in the period and in the one to compare with.
fn latency(scene: &Scene<'_>) -> Next {
    let now = scene.now;
    let today = now.day(now.today());
    let period = scene
        .when
        .period
        .or(today)
        .unwrap_or_else(|| now.last_minutes(WEEK));
    let asked = scene
        .when
        .against
        .or_else(|| period.one_earlier(now).filter(|_| scene.means(&["compare"])));
    let periods: Vec<Period> = [Some(period), asked].into_iter().flatten().collect();
    let ask = |bucket: &str, period: Period| -> Call {
        let args = json!({
            "bucket": bucket,
            "metric": "FirstByteLatency,TotalRequestLatency",
            "statistic": "p50,p95,p99",
            "by": "operation",
            "period": ONE_STEP,
            "prefix": scene.subject.prefix,
            "limit": OPERATIONS,
        });
        call("metrics-query", with_period(period, args))
    };
    let calls: Vec<Call> = scene
        .each()
        .into_iter()
        .flat_map(|bucket| periods.iter().map(move |period| ask(bucket, *period)))
        .collect();
    Next::Calls(calls)
}

/// The series of one operation in one result: its six percentiles, and where they stand.
struct Operation {
    name: String,
    places: [Option<String>; 6],
}

fn operations(told: &Outcome) -> Vec<Operation> {
    let mut found: Vec<Operation> = Vec::new();
    for row in told.rows("/series") {
        let text = |name: &str| told.text(&format!("{row}/{name}"));
        let (Some(name), Some(metric), Some(statistic)) =
            (text("dimensions/operation"), text("metric"), text("statistic"))
        else {
            continue;
        };
        let Some(percentile) = ["p50", "p95", "p99"].iter().position(|known| *known == statistic) else {
            continue;
        };
        let place = percentile + if metric == "FirstByteLatency" { 0 } else { 3 };
        let at = match found.iter().position(|operation| operation.name == name) {
            Some(at) => at,
            None => {
                found.push(Operation {
                    name: name.to_owned(),
                    places: Default::default(),
                });
                found.len() - 1
            }
        };
        if let Some(slot) = found
            .get_mut(at)
            .and_then(|operation| operation.places.get_mut(place))
        {
            *slot = Some(row);
        }
    }
    found
}

fn write_latency(scene: &Scene<'_>, w: &mut Writer<'_>) {
    let calls = w.each();
    // Of many buckets only what is asked for most.
    let shown = scene.subject.rows.unwrap_or(if calls.len() > 2 { 4 } else { 10 });
    for (call, _) in calls {
        let Some(told) = w.call(call) else {
            continue;
        };
        let found = operations(told);
        w.say("\n\n")
            .bucket(call)
            .say(" from ")
            .figure(call, "/window/from", As::Time)
            .say(" to ")
            .figure(call, "/window/to", As::Time);
        if found.is_empty() {
            w.say(": no requests.");
            continue;
        }
        w.say(":\n\n| operation | first byte p50 | p95 | p99 | total p50 | p95 | p99 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        for operation in found.iter().take(shown) {
            w.say("\n| ");
            let named = operation
                .places
                .iter()
                .flatten()
                .next()
                .cloned()
                .unwrap_or_default();
            w.figure(call, &format!("{named}/dimensions/operation"), As::Name)
                .say(" |");
            for place in &operation.places {
                w.say(" ");
                match place {
                    Some(row) => w.figure(call, &format!("{row}/values/0"), As::Ms),
                    None => w.say("–"),
                };
                w.say(" |");
            }
        }
        w.say("\n");
        if found.len() > shown || told.is_true("/truncated") {
            w.say("\nThere are more operations; these are the ones asked for most.");
        }
    }
}

fn errors(scene: &Scene<'_>) -> Next {
    let status = scene
        .subject
        .status
        .as_deref()
        .filter(|_| !scene.means(&["server_error"]));
    let status = status.unwrap_or(if scene.means(&["server_error"]) {
        "5xx"
    } else {
        "4xx,5xx"
    });
    let top = |by: &str, status: Option<&str>| {
        call("top", scene.during(WEEK, json!({ "source_bucket": scene.source(), "by": by, "status": status, "ip": scene.subject.ip, "limit": 10 })))
    };
    let slow = json!({ "bucket": scene.subject.bucket, "rule": "slow-down" });
    Next::Calls(vec![
        top("status", None),
        top("error_code", Some(status)),
        top("ip", Some(status)),
        top("user_agent", Some(status)),
        call("findings", scene.during(WEEK, slow)),
    ])
}

fn write_errors(_: &Scene<'_>, w: &mut Writer<'_>) {
    w.say("**")
        .figure(1, "/requests", As::Count)
        .say("** of ")
        .figure(0, "/requests", As::Count)
        .say(" requests failed with that status.");
    let failed = w.call(1).and_then(|told| told.number("/requests")).unwrap_or(0.0) > 0.0;
    let all = w.rows(0, "/rows");
    w.say("\n\nAll requests by status:");
    w.table(
        &all,
        &[
            Column("status", "/value", As::Name),
            Column("requests", "/requests", As::Count),
            Column("share", "/share_percent", As::Percent),
            Column("first", "/first_seen", As::Time),
            Column("last", "/last_seen", As::Time),
        ],
    );
    if failed {
        for (call, heading) in [(1, "error"), (2, "address"), (3, "user agent")] {
            let rows = w.rows(call, "/rows");
            w.table(
                &rows,
                &[
                    Column(heading, "/value", As::Name),
                    Column("failed", "/requests", As::Count),
                    Column("share", "/share_percent", As::Percent),
                    Column("first", "/first_seen", As::Time),
                    Column("last", "/last_seen", As::Time),
                ],
            );
        }
    }
    if !w.rows(4, "/findings").is_empty() {
        w.say("When the store asked to slow down:");
        super::security::write_findings_of(w, 4);
    }
}

fn write_not_found(_: &Scene<'_>, w: &mut Writer<'_>) {
    w.say("**")
        .figure(0, "/requests", As::Count)
        .say("** requests found nothing (`404`), for ")
        .figure(0, "/distinct", As::Count)
        .say(" keys, from ")
        .figure(1, "/distinct", As::Count)
        .say(" addresses.");
    for (call, heading) in [(0, "key"), (1, "who asks: address"), (2, "user agent")] {
        let rows = w.rows(call, "/rows");
        w.table(
            &rows,
            &[
                Column(heading, "/value", As::Name),
                Column("requests", "/requests", As::Count),
                Column("first", "/first_seen", As::Time),
                Column("last", "/last_seen", As::Time),
            ],
        );
    }
    let deleted: Vec<Place> = w
        .rows(3, "/rows")
        .into_iter()
        .filter(|(call, row)| {
            w.call(*call)
                .is_some_and(|told| told.value(&format!("{row}/deleted")).is_some())
        })
        .collect();
    if !deleted.is_empty() {
        w.say("Of them were deleted:").table(
            &deleted,
            &[
                Column("key", "/key", As::Name),
                Column("deleted", "/deleted/ts", As::Time),
                Column("by", "/deleted/requester", As::Name),
                Column("from", "/deleted/ip", As::Name),
            ],
        );
    }
}

fn write_compare(_: &Scene<'_>, w: &mut Writer<'_>) {
    let buckets = w.each();
    for (call, _) in &buckets {
        let call = *call;
        w.say("\n\n")
            .bucket(call)
            .say(", ")
            .figure(call, "/after/window/from", As::Time)
            .say(" to ")
            .figure(call, "/after/window/to", As::Time);
        w.say(", against ")
            .figure(call, "/before/window/from", As::Time)
            .say(" to ")
            .figure(call, "/before/window/to", As::Time)
            .say(":");
        changes(w, call);
        if buckets.len() == 1 {
            movers(w, call);
        }
        if w.call(call).is_some_and(|told| told.value("/note").is_some()) {
            w.say("\n\nNote: ").figure(call, "/note", As::Sentence).say(".");
        }
    }
}

/// What rose and fell, bytes apart from counts.
fn changes(w: &mut Writer<'_>, call: usize) {
    let mut rows = w.rows(call, "/changes");
    rows.retain(|(call, row)| {
        w.call(*call)
            .and_then(|told| told.number(&format!("{row}/change")))
            .is_some_and(|change| change.abs() > 0.0)
    });
    let is_bytes = |(call, row): &Place| {
        w.call(*call)
            .and_then(|told| told.text(&format!("{row}/metric")))
            .is_some_and(|metric| metric.starts_with("Bytes"))
    };
    let (bytes, counts): (Vec<Place>, Vec<Place>) = rows.into_iter().partition(is_bytes);
    for (rows, form) in [(counts, As::Count), (bytes, As::Bytes)] {
        let columns = [
            Column("metric", "/metric", As::Name),
            Column("before", "/before", form),
            Column("after", "/after", form),
            Column("change", "/change_percent", As::Percent),
        ];
        w.table(&rows, &columns);
    }
}

fn movers(w: &mut Writer<'_>, call: usize) {
    for (call, movers) in w.rows(call, "/movers").into_iter().take(3) {
        let mut rows = w.rows(call, &format!("{movers}/movers"));
        rows.truncate(3);
        if rows.is_empty() {
            continue;
        }
        w.say("\n\nWhat moved it, by ")
            .figure(call, &format!("{movers}/by"), As::Name)
            .say(":");
        let columns = [
            Column("", "/value", As::Name),
            Column("before", "/before", As::Count),
            Column("after", "/after", As::Count),
            Column("share of the change", "/share_percent", As::Percent),
        ];
        w.table(&rows, &columns);
    }
}
