//! Who asks for what, and what is out of the ordinary.

use serde_json::json;

use super::super::topic::{DAY, Next, Scene, Topic, WEEK, call, once};
use super::super::write::{As, Column, Writer};
use super::egress::heading;

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "anomalies",
        ways: &["strange +@period +traffic +@bucket"],
        example: "Was there anything out of the ordinary in the last 24 hours?",
        next: |scene, said| {
            once(said, || {
                Next::Calls(vec![call(
                    "anomalies",
                    scene.during(DAY, json!({ "bucket": scene.subject.bucket })),
                )])
            })
        },
        write: write_anomalies,
        then: &[
            "What changed in requests today against yesterday?",
            "Is there anything suspicious in the logs?",
        ],
        why: Some("compare"),
        who: None,
    },
    Topic {
        name: "top",
        ways: &[
            "most ip|requester|client|operation|referer|status +traffic -cost",
            "who upload most +@period -@prefix -egress",
            "who traffic|read +most +@bucket +@prefix",
            "who @bucket +@period -delete -upload -cost -egress -grow -forbidden -server_error -anonymous -not_found -leak -mass -first_time -setting -last",
            "traffic ip|requester|client|operation|object|status +most",
            "requester|client|ip list +@period",
        ],
        example: "Which IPs ask most?",
        next: |scene, said| {
            once(said, || {
                let args = json!({
                    "source_bucket": scene.source(),
                    "by": dimension(scene),
                    "status": scene.subject.status,
                    "key_prefix": scene.subject.prefix,
                    "method": super::people::method(scene),
                    "requester": scene.subject.requester,
                    "limit": scene.subject.rows.unwrap_or(10),
                });
                Next::Calls(vec![call("top", scene.during(WEEK, args))])
            })
        },
        write: write_top,
        then: &[
            "And in bytes?",
            "Which IPs got most 403s, and did any then succeed?",
        ],
        why: None,
        who: Some("top"),
    },
    Topic {
        name: "traffic",
        ways: &[
            "traffic +many +@period +@bucket +egress +download",
            "many upload|download|read|delete +@period",
            "egress many +@period",
        ],
        example: "How many requests were there yesterday?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("traffic", |bucket| scene.during(DAY, json!({ "bucket": bucket })))
            })
        },
        write: write_traffic,
        then: &["Which IPs ask most?", "And last week?"],
        why: Some("compare"),
        who: Some("top"),
    },
];

fn dimension(scene: &Scene<'_>) -> &'static str {
    // A user agent is no user: what tells more goes first.
    let by = [
        ("ip", "ip"),
        ("client", "user_agent"),
        ("requester", "requester"),
        ("referer", "referer"),
        ("operation", "operation"),
        ("status", "status"),
        ("prefix", "prefix"),
        ("object", "key"),
        ("who", "requester"),
    ];
    by.iter()
        .find(|(meaning, _)| scene.means(&[meaning]))
        .map_or("ip", |(_, by)| by)
}

fn write_anomalies(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.rows(0, "/anomalies");
    if rows.is_empty() {
        w.say("Nothing out of the ordinary in ")
            .figure(0, "/hours_judged", As::Count)
            .say(" hours that could be judged.");
        return;
    }
    w.say("Out of the ordinary, of ")
        .figure(0, "/hours_judged", As::Count)
        .say(" hours that could be judged:");
    let columns = [
        Column("what", "/metric", As::Name),
        Column("from", "/from", As::Time),
        Column("to", "/to", As::Time),
        Column("value", "/value", As::Count),
        Column("usual", "/usual", As::Count),
        Column("times the usual", "/times_usual", As::Count),
        Column("explained by", "/explanations/0/value", As::Name),
    ];
    w.table(&rows, &columns);
}

fn write_top(scene: &Scene<'_>, w: &mut Writer<'_>) {
    w.say("**")
        .figure(0, "/requests", As::Count)
        .say("** requests, ")
        .figure(0, "/bytes_sent", As::Bytes)
        .say(" sent, ")
        .figure(0, "/distinct", As::Count)
        .say(" different. Most of them:");
    let rows = w.rows(0, "/rows");
    let columns = [
        Column(heading(dimension(scene)), "/value", As::Name),
        Column("requests", "/requests", As::Count),
        Column("share", "/share_percent", As::Percent),
        Column("bytes sent", "/bytes_sent", As::Bytes),
        Column("errors", "/errors", As::Count),
        Column("last", "/last_seen", As::Time),
    ];
    w.table(&rows, &columns);
}

fn write_traffic(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.each();
    let columns = [
        Column("bucket", "/bucket", As::Name),
        Column("requests", "/total/requests", As::Count),
        Column("bytes sent", "/total/bytes_sent", As::Bytes),
        Column("bytes uploaded", "/total/bytes_uploaded", As::Bytes),
        Column("4xx", "/total/errors_4xx", As::Count),
        Column("5xx", "/total/errors_5xx", As::Count),
        Column("addresses", "/unique_ips", As::Count),
        Column("p95", "/total/total/p95_ms", As::Ms),
    ];
    if rows.len() > 1 {
        w.say("**")
            .sum("/total/requests", As::Count)
            .say("** requests in all, ")
            .sum("/total/bytes_sent", As::Bytes)
            .say(" sent:");
    }
    w.table(&rows, &columns);
}
