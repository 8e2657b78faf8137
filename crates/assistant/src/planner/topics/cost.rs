//! What it costs.

use serde_json::{Value, json};

use super::super::outcome::Outcome;
use super::super::topic::{Next, Scene, Topic, call, once};
use super::super::write::{As, Column, Writer};

pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "bill",
        ways: &[
            "cost +month +egress +store +future +subscription +@bucket +bucket -prefix -object -client",
            "subscription",
        ],
        example: "What will this month's bill be?",
        next: |scene, said| once(said, || Next::Calls(vec![call("cost", bill(scene))])),
        write: write_bill,
        then: &[
            "Which prefix costs most?",
            "Which 10 objects caused most egress in the last 7 days?",
            "And last month?",
        ],
        why: Some("cost-prefix"),
        who: Some("egress"),
    },
    Topic {
        name: "cost-prefix",
        ways: &["cost prefix +most", "most prefix cost"],
        example: "Which prefix costs most?",
        next: |scene, said| {
            once(said, || {
                scene.each_call("cost", |bucket| {
                    let mut args = bill(scene);
                    if let Value::Object(args) = &mut args {
                        args.insert("bucket".to_owned(), json!(bucket));
                        args.insert("depth".to_owned(), json!(1));
                    }
                    args
                })
            })
        },
        write: write_prefixes,
        then: &[
            "Which 10 objects caused most egress in the last 7 days?",
            "How many bytes were not read for 90 days?",
        ],
        why: Some("egress"),
        who: Some("egress"),
    },
    Topic {
        name: "allowance",
        ways: &[
            "allowance egress +when +reach +@size",
            "when egress reach|allowance +@size",
            "egress reach @size +when",
            "allowance reach|when|near +egress",
            "allowance egress|traffic|download",
            "when|near allowance",
        ],
        example: "When do we pass the included 1 TiB of egress?",
        next: |_, said| {
            once(said, || {
                Next::Calls(vec![
                    call("growth", json!({ "metric": "bytes_sent" })),
                    call("cost", json!({})),
                ])
            })
        },
        write: write_allowance,
        then: &[
            "Which 10 objects caused most egress in the last 7 days?",
            "What will this month's bill be?",
        ],
        why: Some("egress"),
        who: Some("egress"),
    },
];

fn bill(scene: &Scene<'_>) -> Value {
    // The month of a period that was asked about; bills are of whole months.
    let month = scene.when.period.and_then(|period| {
        period.month.or_else(|| {
            Some(
                period
                    .from?
                    .to_zoned(scene.now.zone.clone())
                    .date()
                    .first_of_month(),
            )
        })
    });
    json!({ "month": month.map(|month| month.strftime("%Y-%m").to_string()) })
}

fn write_bill(scene: &Scene<'_>, w: &mut Writer<'_>) {
    if let (Some(bucket), Some(cost)) = (&scene.subject.bucket, w.call(0)) {
        return write_share(bucket, cost, w);
    }
    w.say("The bill of ")
        .figure(0, "/month", As::Name)
        .say(" will be about **")
        .figure(0, "/projected/total", As::Money);
    w.say("** if it goes on like this; so far it is **")
        .figure(0, "/so_far/total", As::Money)
        .say("** (price list ");
    w.figure(0, "/price_list/name", As::Name).say(").");
    let columns = [
        Column("", "/item", As::Name),
        Column("by the end of the month", "/amount", As::Money),
        Column("how", "/arithmetic", As::Sentence),
    ];
    let lines = w.rows(0, "/projected/lines");
    w.table(&lines, &columns);
    w.say("Of the included storage, ")
        .figure(0, "/allowances/storage/used_percent", As::Percent)
        .say(" is used (");
    w.figure(0, "/allowances/storage/used_bytes", As::Bytes)
        .say(" of ")
        .figure(0, "/allowances/storage/included_bytes", As::Bytes);
    w.say("); of the included egress, ")
        .figure(0, "/allowances/egress/used_percent", As::Percent)
        .say(" (");
    w.figure(0, "/allowances/egress/used_bytes", As::Bytes)
        .say(" of ")
        .figure(0, "/allowances/egress/included_bytes", As::Bytes)
        .say(").");
    let buckets = w.rows(0, "/buckets");
    w.table(&buckets, &BUCKETS);
    assumptions(w);
}

const BUCKETS: [Column; 5] = [
    Column("bucket", "/bucket", As::Name),
    Column("stored", "/stored_bytes", As::Bytes),
    Column("egress so far", "/egress_bytes", As::Bytes),
    Column("cost so far", "/cost", As::Money),
    Column("by the end of the month", "/projected_cost", As::Money),
];

/// What one bucket has of the bill.
fn write_share(bucket: &str, cost: &Outcome, w: &mut Writer<'_>) {
    let row = cost
        .rows("/buckets")
        .into_iter()
        .find(|row| cost.text(&format!("{row}/bucket")) == Some(bucket));
    let Some(row) = row else {
        w.name(bucket)
            .say(" has no part of the bill of ")
            .figure(0, "/month", As::Name)
            .say(" that is known.");
        return;
    };
    w.name(bucket)
        .say(" costs about **")
        .figure(0, &format!("{row}/projected_cost"), As::Money)
        .say("** in ")
        .figure(0, "/month", As::Name);
    w.say(" if it goes on like this, **")
        .figure(0, &format!("{row}/cost"), As::Money)
        .say("** so far: ");
    w.figure(0, &format!("{row}/share_percent"), As::Percent)
        .say(" of the bill of ")
        .figure(0, "/so_far/total", As::Money)
        .say(". It holds ");
    w.figure(0, &format!("{row}/stored_bytes"), As::Bytes)
        .say(" and sent ")
        .figure(0, &format!("{row}/egress_bytes"), As::Bytes)
        .say(".");
    assumptions(w);
}

fn assumptions(w: &mut Writer<'_>) {
    for (call, place) in w.rows(0, "/assumptions").into_iter().take(2) {
        w.say("\n\nAssumed: ").figure(call, &place, As::Sentence).say(".");
    }
}

fn write_prefixes(_: &Scene<'_>, w: &mut Writer<'_>) {
    let rows = w.ranked("/prefixes", "/list_price");
    let Some((call, row)) = rows.first().cloned() else {
        w.say("No prefix is known to cost anything.");
        return;
    };
    w.figure(call, &format!("{row}/prefix"), As::Name)
        .say(" in ")
        .bucket(call)
        .say(" costs most: ");
    w.figure(call, &format!("{row}/list_price"), As::Money)
        .say(" at list prices in the whole of ")
        .figure(call, "/month", As::Name)
        .say(" at this pace, ");
    w.figure(call, &format!("{row}/share_percent"), As::Percent)
        .say(" of its bucket.");
    let columns = [
        Column("bucket", "", As::Bucket),
        Column("prefix", "/prefix", As::Name),
        Column("stored", "/stored_bytes", As::Bytes),
        Column("egress so far", "/egress_bytes", As::Bytes),
        Column("list price of the month", "/list_price", As::Money),
    ];
    w.table(&rows, &columns);
    w.say("List prices are before anything that the plan includes.");
}

fn write_allowance(_: &Scene<'_>, w: &mut Writer<'_>) {
    let place = "/allowance/ends";
    let Some(growth) = w.call(0).filter(|growth| growth.value("/allowance").is_some()) else {
        w.say("The price list includes no egress that could be used up.");
        if w.call(1)
            .is_some_and(|cost| cost.value("/allowances/egress").is_some())
        {
            w.say(" Used so far: ")
                .figure(1, "/allowances/egress/used_bytes", As::Bytes)
                .say(".");
        }
        return;
    };
    let until = format!("{place}/looked_until");
    match growth.text(&format!("{place}/outcome")) {
        Some("reached") => {
            w.say("The included egress is already used up");
            if growth.text(&format!("{place}/since")).is_some() {
                w.say(", since **")
                    .figure(0, &format!("{place}/since"), As::Time)
                    .say("**");
            }
            w.say(": ")
        }
        Some("expected") => w
            .say("The included egress will likely be used up on **")
            .figure(0, &format!("{place}/likely"), As::Day)
            .say("**: "),
        Some("possible") => w
            .say("The included egress may be used up, from ")
            .figure(0, &format!("{place}/earliest"), As::Day)
            .say(" on at the earliest, but likely not this month: "),
        _ => w
            .say("The included egress will likely last beyond ")
            .figure(0, &until, As::Day)
            .say(": "),
    };
    // The bill knows of every byte, the growth only of steps whose log is complete.
    let (call, used, of) = if w.gave(1) {
        (
            1,
            "/allowances/egress/used_bytes",
            "/allowances/egress/included_bytes",
        )
    } else {
        (0, "/allowance/used_bytes", "/allowance/bytes")
    };
    w.figure(call, used, As::Bytes)
        .say(" of ")
        .figure(call, of, As::Bytes)
        .say(" are used this month");
    if w.gave(1) {
        w.say(" (")
            .figure(1, "/allowances/egress/used_percent", As::Percent)
            .say(")");
    }
    w.say(".");
    super::growth::interval(w, 0, place);
}
