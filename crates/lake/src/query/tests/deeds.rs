//! What was done to keys, against a loop over the same lines.

use proptest::prelude::*;
use spacewatch_model::{TimeRange, Timestamp};
use tokio::sync::mpsc;

use super::kit::{Kit, wait};
use super::oracle::{self, START};
use crate::query::*;

fn asked(kit: &Kit, ask: &DeedsAsk) -> Vec<KeyDeed> {
    wait(async {
        let (sender, mut receiver) = mpsc::channel(1);
        let taken = async {
            let mut all = Vec::new();
            while let Some(rows) = receiver.recv().await {
                all.extend(rows);
            }
            all
        };
        let (sent, taken) = tokio::join!(kit.engine.deeds(&kit.snapshot, ask, sender), taken);
        sent.expect("an answer");
        taken
    })
}

/// What changes a key in the corpus.
const CHANGES: [&str; 4] = [
    "REST.PUT.OBJECT",
    "REST.DELETE.OBJECT",
    "BATCH.DELETE.OBJECT",
    "S3.EXPIRE.OBJECT",
];

fn expected(rows: &[RecordRow], ask: &DeedsAsk) -> Vec<KeyDeed> {
    let succeeded = |row: &RecordRow| match row.status {
        Some(status) => (200..300).contains(&status),
        None => row.error_code.is_none() && !row.is_request,
    };
    let fits = |row: &&RecordRow| {
        CHANGES.contains(&row.operation.as_str())
            && succeeded(row)
            && row.bucket.as_deref() == Some(ask.bucket.as_str())
            && ask.period.contains(row.time)
            && row
                .key
                .as_ref()
                .is_some_and(|key| key.starts_with(&ask.key_prefix))
    };
    let mut all: Vec<KeyDeed> = rows
        .iter()
        .filter(fits)
        .map(|row| KeyDeed {
            key: row.key.clone().expect("a key"),
            time: row.time,
            operation: row.operation.clone(),
            object_size: row.object_size,
            total_ms: row.total_ms,
            version_id: row.version_id.clone(),
            requester: row.requester.clone(),
            remote_ip: row.remote_ip.clone(),
            user_agent: row.user_agent.clone(),
            request_id: row.request_id.clone(),
            log_object: row.log_object.clone(),
            log_offset: row.log_offset,
            log_length: row.log_length,
        })
        .collect();
    all.sort_by(|a, b| {
        (&a.key, a.time, &a.log_object, a.log_offset).cmp(&(&b.key, b.time, &b.log_object, b.log_offset))
    });
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn deeds_come_in_the_order_of_their_keys(
        objects in oracle::corpus(),
        hours in proptest::option::of((0_i64..80, 0_i64..80)),
        key_prefix in prop_oneof![Just(""), Just("a/"), Just("100%"), Just("'"), Just("zzz")],
    ) {
        let kit = Kit::of(&objects);
        let moment = |hour: i64| Timestamp::from_second(START + hour * 3600).ok();
        let period = hours.map_or(TimeRange::ALWAYS, |(from, to)| TimeRange { from: moment(from), to: moment(to) });
        let ask = DeedsAsk {
            bucket: "prod-assets".parse().expect("a name"),
            period,
            key_prefix: key_prefix.to_owned(),
        };
        prop_assert_eq!(asked(&kit, &ask), expected(&oracle::records(&objects), &ask));
    }
}
