//! Who got in, and how.

use serde_json::{Value, json};

use super::super::topic::{Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Writer};

/// How reads of objects are logged.
pub(super) const READS: &str = "REST.GET.OBJECT,REST.S3_GET_OBJECT,WEBSITE.GET.OBJECT,SOAP.GET.OBJECT";
/// Findings that are told of at most.
const FINDINGS: usize = 5;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "anonymous",
        ways: &["anonymous +read +object +ip +download +who +many +succeed"],
        example: "Which objects were read anonymously, and from which IPs?",
        next: |scene, said| {
            once(said, || {
                let top = |by: &str| call("top", scene.during(WEEK, anonymous(scene, by)));
                Next::Calls(vec![top("key"), top("ip"), top("bucket")])
            })
        },
        write: write_anonymous,
        then: &[
            "Which buckets have no logging, versioning or lifecycle rule?",
            "Any mass download in the last 24 hours?",
        ],
        why: None,
        who: Some("anonymous"),
    },
    Topic {
        name: "denied",
        ways: &["forbidden +ip +most +succeed +who +requester -server_error"],
        example: "Which IPs got most 403s, and did any then succeed?",
        next: |scene, said| {
            once(said, || {
                let top = json!({ "source_bucket": scene.source(), "by": denied_by(scene), "status": "401,403", "ip": scene.subject.ip, "limit": scene.subject.rows.unwrap_or(10) });
                let rule = json!({ "bucket": scene.subject.bucket, "rule": "denied-then-read" });
                Next::Calls(vec![
                    call("top", scene.during(WEEK, top)),
                    call("findings", scene.during(WEEK, rule)),
                ])
            })
        },
        write: write_denied,
        then: &[
            "Any mass download in the last 24 hours?",
            "Which requester appeared for the first time this week?",
        ],
        why: None,
        who: Some("denied"),
    },
    finding(
        "old-protocols",
        &[
            "sigv2 +old +client +requester +who",
            "tls +old +client +requester +who",
            "old protocol +client +who +requester",
        ],
        "Who still uses SigV2 or TLS below 1.2?",
        |scene, said| once(said, || findings(scene, "sigv2,old-tls")),
    ),
    finding(
        "newcomers",
        &["first_time +requester +who +do +ip +@period"],
        "Which requester appeared for the first time this week, and what did it do?",
        |scene, said| {
            once(said, || {
                let mut args = scene.during(
                    WEEK,
                    json!({ "bucket": scene.subject.bucket, "rule": "new-requester" }),
                );
                // `never seen before this week` asks of this week.
                if let Value::Object(args) = &mut args
                    && !args.contains_key("from")
                    && let Some(before) = args.remove("to")
                {
                    args.insert("from".to_owned(), before);
                }
                Next::Calls(vec![call("findings", args)])
            })
        },
    ),
    finding(
        "mass-download",
        &["mass +download +who +@period", "mass download +who +@period"],
        "Any mass download in the last 24 hours?",
        |scene, said| once(said, || findings(scene, "mass-download,enumeration")),
    ),
    finding(
        "headroom",
        &[
            "limit +near +rate +traffic",
            "near limit traffic|rate",
            "near rate",
        ],
        "How near the request limits are we?",
        |scene, said| once(said, || findings(scene, "request-rate")),
    ),
    finding(
        "findings",
        &["security +@bucket +@period", "strange read|download|who|ip"],
        "Is there anything suspicious in the logs?",
        |scene, said| {
            once(said, || {
                Next::Calls(vec![call(
                    "findings",
                    scene.during(
                        WEEK,
                        json!({ "bucket": scene.subject.bucket, "min_severity": "low" }),
                    ),
                )])
            })
        },
    ),
];

const fn finding(
    name: &'static str,
    ways: &'static [&'static str],
    example: &'static str,
    next: fn(&Scene<'_>, &[super::super::outcome::Outcome]) -> Next,
) -> Topic {
    Topic {
        name,
        ways,
        example,
        next,
        write: |_, w| write_findings_of(w, 0),
        then: &[
            "Which IPs got most 403s, and did any then succeed?",
            "Anonymous reads: which keys, which IPs, how many bytes?",
        ],
        why: None,
        who: None,
    }
}

fn findings(scene: &Scene<'_>, rule: &str) -> Next {
    Next::Calls(vec![call(
        "findings",
        scene.during(WEEK, json!({ "bucket": scene.subject.bucket, "rule": rule })),
    )])
}

fn anonymous(scene: &Scene<'_>, by: &str) -> Value {
    json!({
        "source_bucket": scene.source(),
        "by": by,
        "requester": "-",
        "status": "2xx",
        "operation": READS,
        "key_prefix": scene.subject.prefix,
        "object_key": scene.subject.key,
        "ip": scene.subject.ip,
        "limit": scene.subject.rows.unwrap_or(10),
    })
}

fn denied_by(scene: &Scene<'_>) -> &'static str {
    if scene.means(&["ip"]) {
        "ip"
    } else if scene.means(&["object"]) {
        "key"
    } else if scene.means(&["requester"]) {
        "requester"
    } else {
        "ip"
    }
}

const TOP: [Column; 5] = [
    Column("", "/value", As::Name),
    Column("requests", "/requests", As::Count),
    Column("bytes sent", "/bytes_sent", As::Bytes),
    Column("first", "/first_seen", As::Time),
    Column("last", "/last_seen", As::Time),
];

fn write_anonymous(_: &Scene<'_>, w: &mut Writer<'_>) {
    if w.call(0).and_then(|told| told.number("/requests")) == Some(0.0) {
        w.say("There were no successful reads without credentials: ")
            .figure(0, "/requests", As::Count)
            .say(".");
        return;
    }
    w.say("**")
        .figure(0, "/requests", As::Count)
        .say("** successful reads came without credentials: of ")
        .figure(0, "/distinct", As::Count);
    w.say(" keys, from ")
        .figure(1, "/distinct", As::Count)
        .say(" addresses, ")
        .figure(0, "/bytes_sent", As::Bytes)
        .say(" in all.\n\nKeys:");
    let keys = w.rows(0, "/rows");
    w.table(&keys, &TOP).say("Addresses:");
    let ips = w.rows(1, "/rows");
    w.table(&ips, &TOP).say("Buckets:");
    let buckets = w.rows(2, "/rows");
    w.table(&buckets, &TOP);
}

fn write_denied(scene: &Scene<'_>, w: &mut Writer<'_>) {
    if w.gave(0) {
        w.say("**")
            .figure(0, "/requests", As::Count)
            .say("** requests were refused (`401`, `403`), of ")
            .figure(0, "/distinct", As::Count);
        w.say(match denied_by(scene) {
            "ip" => " addresses.",
            "key" => " keys.",
            _ => " requesters.",
        });
        let rows = w.rows(0, "/rows");
        let columns = [
            Column("", "/value", As::Name),
            Column("refused", "/requests", As::Count),
            Column("first", "/first_seen", As::Time),
            Column("last", "/last_seen", As::Time),
        ];
        w.table(&rows, &columns);
    }
    if w.rows(1, "/findings").is_empty() && w.gave(1) {
        w.say("None of them was refused often and then read something.");
        return;
    }
    w.say("Then let in:");
    write_findings_of(w, 1);
}

/// Findings with their figures and what they are made of.
pub(super) fn write_findings_of(w: &mut Writer<'_>, call: usize) {
    let found = w.rows(call, "/findings");
    if found.is_empty() {
        w.say("Nothing of that kind was found.");
        not_judged(w, call);
        return;
    }
    for (call, row) in found.iter().take(FINDINGS) {
        w.say("\n\n- **")
            .figure(*call, &format!("{row}/title"), As::Sentence)
            .say("** (")
            .figure(*call, &format!("{row}/severity"), As::Sentence)
            .say(")");
        if w.call(*call)
            .is_some_and(|told| told.value(&format!("{row}/first_seen")).is_some())
        {
            w.say(", first ")
                .figure(*call, &format!("{row}/first_seen"), As::Time);
        }
        if w.call(*call)
            .is_some_and(|told| told.value(&format!("{row}/last_seen")).is_some())
        {
            w.say(", last ")
                .figure(*call, &format!("{row}/last_seen"), As::Time);
        }
        w.say(".");
        figures(w, *call, row);
        parts(w, *call, row);
        evidence(w, *call, row);
        w.say("\n  ")
            .figure(*call, &format!("{row}/advice"), As::Sentence)
            .say(".");
    }
    if found.len() > FINDINGS {
        w.say("\n\nThere are more of them; these are the gravest.");
    }
    not_judged(w, call);
}

fn figures(w: &mut Writer<'_>, call: usize, row: &str) {
    let rows = w.rows(call, &format!("{row}/figures"));
    for (place, (call, figure)) in rows.into_iter().enumerate() {
        let unit = w
            .call(call)
            .and_then(|told| told.text(&format!("{figure}/unit")))
            .map(str::to_owned);
        let form = match unit.as_deref() {
            Some("Bytes") => As::Bytes,
            Some("Percent") => As::Percent,
            Some("Milliseconds") => As::Ms,
            _ => As::Count,
        };
        let name = w
            .call(call)
            .and_then(|told| told.text(&format!("{figure}/name")))
            .unwrap_or("value")
            .replace('_', " ");
        w.say(if place == 0 { "\n  " } else { ", " })
            .say(&name)
            .say(" ")
            .figure(call, &format!("{figure}/value"), form);
    }
    w.say(".");
}

fn parts(w: &mut Writer<'_>, call: usize, row: &str) {
    let rows = w.rows(call, &format!("{row}/parts"));
    for (place, (call, part)) in rows.into_iter().take(10).enumerate() {
        let kind = w
            .call(call)
            .and_then(|told| told.text(&format!("{part}/kind")))
            .unwrap_or("part")
            .to_owned();
        w.say(if place == 0 { "\n  With most of it: " } else { ", " })
            .say(&kind)
            .say(" ")
            .figure(call, &format!("{part}/value"), As::Name);
        w.say(" (")
            .figure(call, &format!("{part}/requests"), As::Count)
            .say(")");
    }
}

/// A record that shows it.
fn evidence(w: &mut Writer<'_>, call: usize, row: &str) {
    let sample = format!("{row}/proofs/0/sample/0");
    if w.call(call).is_none_or(|told| told.value(&sample).is_none()) {
        return;
    }
    w.say("\n  For example ")
        .figure(call, &format!("{sample}/ts"), As::Time)
        .say(", ")
        .figure(call, &format!("{sample}/ip"), As::Name)
        .say(", request ");
    w.figure(call, &format!("{sample}/request_id"), As::Name)
        .say(", agent ")
        .figure(call, &format!("{sample}/user_agent"), As::Name)
        .say(".");
}

fn not_judged(w: &mut Writer<'_>, call: usize) {
    for (call, rule) in w.rows(call, "/rules") {
        let place = format!("{rule}/not_judged");
        if w.call(call).is_some_and(|told| told.text(&place).is_some()) {
            w.say("\n\nNot judged: ")
                .figure(call, &format!("{rule}/about"), As::Sentence)
                .say(", because ")
                .figure(call, &place, As::Sentence)
                .say(".");
        }
    }
}
