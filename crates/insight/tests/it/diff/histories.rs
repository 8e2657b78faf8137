//! Random histories: every change is tied to exactly the deed that made it, and those whose lines were lost are unexplained.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::stage::{Line, Stage, request};

/// Names that trip over encodings, orders and formats.
const KEYS: [&str; 12] = [
    "a/1",
    "a/1.",
    "a/b c",
    "a/é ü",
    "100%/x%2Fy",
    "a+b",
    "=1+1",
    "\"quoted\" [x]",
    "b/'; DROP TABLE--",
    "b/\u{202e}exe",
    "~z",
    "-/-",
];

#[derive(Debug, Clone)]
enum Deed {
    Put(u64),
    Copy(u64),
    Parts(u64),
    Form(u64),
    Delete,
    Batch,
    Rule,
    Version(Index),
    Refused(u64),
    Read,
}

fn deed() -> impl Strategy<Value = Deed> {
    let size = 1_u64..40;
    prop_oneof![
        3 => size.clone().prop_map(Deed::Put),
        1 => size.clone().prop_map(Deed::Copy),
        1 => size.clone().prop_map(Deed::Parts),
        1 => size.clone().prop_map(Deed::Form),
        2 => Just(Deed::Delete),
        1 => Just(Deed::Batch),
        1 => Just(Deed::Rule),
        2 => any::<Index>().prop_map(Deed::Version),
        1 => size.prop_map(Deed::Refused),
        1 => Just(Deed::Read),
    ]
}

fn deeds(most: usize) -> impl Strategy<Value = Vec<(&'static str, Deed)>> {
    proptest::collection::vec((select(&KEYS[..]), deed()), 0..most)
}

/// A version or a marker, and the deed that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    id: String,
    marker: bool,
    size: u64,
    made: usize,
}

type Keys = BTreeMap<&'static str, Vec<Version>>;

/// What is known of a history besides what the store tells.
#[derive(Default)]
struct Known {
    /// The newest versions first; without versions, there is one at most.
    keys: Keys,
    /// Which deed removed a version.
    removed: BTreeMap<(&'static str, String), usize>,
    /// Which deed left a key without an object last.
    emptied: BTreeMap<&'static str, usize>,
    /// Keys of which a marker was deleted: what left them without an object can't be told from the log.
    resurrected: BTreeSet<&'static str>,
}

impl Known {
    fn holds(&self, key: &str) -> bool {
        self.keys
            .get(key)
            .and_then(|versions| versions.first())
            .is_some_and(|newest| !newest.marker)
    }

    /// Does something to the store, and notes it. What would change nothing is left out, as it is told of the same way.
    fn play(&mut self, stage: &mut Stage, versions: bool, (key, deed): &(&'static str, Deed)) {
        let (number, held) = (stage.deeds(), self.holds(key));
        match deed {
            Deed::Put(size) => stage.write("REST.PUT.OBJECT", key, *size),
            Deed::Copy(size) => stage.write("REST.COPY.OBJECT", key, *size),
            Deed::Parts(size) => stage.write("REST.POST.UPLOAD", key, *size),
            Deed::Form(size) => stage.write("REST.POST.OBJECT", key, *size),
            Deed::Refused(size) => return stage.log(Line::of("REST.PUT.OBJECT", key).sized(*size).refused()),
            Deed::Read => return stage.log(Line::of("REST.COPY.OBJECT_GET", key)),
            Deed::Delete if held => stage.delete(key, "REST.DELETE.OBJECT"),
            Deed::Batch if held => stage.delete(key, "BATCH.DELETE.OBJECT"),
            Deed::Rule if held && versions => stage.delete(key, "S3.CREATE.DELETEMARKER"),
            Deed::Rule if held => stage.delete(key, "S3.EXPIRE.OBJECT"),
            Deed::Version(index) => {
                let there = self.keys.get(key).filter(|there| versions && !there.is_empty());
                let Some(version) = there.map(|there| index.get(there).clone()) else {
                    return;
                };
                stage.delete_version(key, &version.id);
                self.removed.insert((*key, version.id.clone()), number);
                if version.marker {
                    self.resurrected.insert(*key);
                }
            }
            Deed::Delete | Deed::Batch | Deed::Rule => return,
        }
        self.look(stage, key, number, deed);
        if held && !self.holds(key) {
            self.emptied.insert(*key, number);
        }
    }

    /// Takes over what the store has now.
    fn look(&mut self, stage: &Stage, key: &'static str, number: usize, deed: &Deed) {
        let known = self.keys.remove(key).unwrap_or_default();
        let now = stage
            .handle()
            .versions("photos", key)
            .into_iter()
            .map(|(id, marker)| {
                let written = matches!(
                    deed,
                    Deed::Put(_) | Deed::Copy(_) | Deed::Parts(_) | Deed::Form(_)
                );
                let before = known
                    .iter()
                    .find(|version| version.id == id && version.marker == marker);
                // Without versions, the only one is written over.
                before
                    .filter(|_| id != "null" || !written)
                    .cloned()
                    .unwrap_or(Version {
                        id,
                        marker,
                        size: match deed {
                            Deed::Put(size) | Deed::Copy(size) | Deed::Parts(size) | Deed::Form(size) => {
                                *size
                            }
                            _ => 0,
                        },
                        made: number,
                    })
            });
        self.keys.insert(key, now.collect());
    }
}

/// A change: its kind, key and version, and the deed behind it, where that can be told.
type Change = (String, String, String, Option<usize>);

fn change(kind: &str, key: &str, version: &str, by: Option<usize>) -> Change {
    (kind.to_owned(), key.to_owned(), version.to_owned(), by)
}

fn expected(before: &Keys, known: &Known, versions: bool) -> Vec<Change> {
    let mut all = Vec::new();
    let keys: BTreeSet<&'static str> = before.keys().chain(known.keys.keys()).copied().collect();
    for key in keys {
        let then = before.get(key).cloned().unwrap_or_default();
        let now = known.keys.get(key).cloned().unwrap_or_default();
        of_key(key, (&then, &now), known, versions, &mut all);
    }
    all.sort();
    all
}

/// What a key shows.
fn top(state: &[Version]) -> Option<Version> {
    state.first().filter(|newest| !newest.marker).cloned()
}

fn of_key(
    key: &'static str,
    (then, now): (&[Version], &[Version]),
    known: &Known,
    versions: bool,
    all: &mut Vec<Change>,
) {
    let shown = |version: &Version| {
        if versions {
            version.id.clone()
        } else {
            String::new()
        }
    };
    let removed = |id: &str| known.removed.get(&(key, id.to_owned())).copied();
    // What a change of the key tells of already.
    let mut told: Option<String> = None;
    let arrived = |new: &Version, told: &mut Option<String>| {
        let was_there = versions && then.iter().any(|old| old.id == new.id);
        match then.first().filter(|_| was_there) {
            Some(above) => {
                *told = Some(above.id.clone());
                removed(&above.id)
            }
            None => Some(new.made),
        }
    };
    match (top(then), top(now)) {
        (None, Some(new)) => {
            let by = arrived(&new, &mut told);
            all.push(change("added", key, &shown(&new), by));
        }
        (Some(old), Some(new)) if old != new => {
            let kind = match new.size.cmp(&old.size) {
                std::cmp::Ordering::Greater => "grown",
                std::cmp::Ordering::Less => "shrunk",
                std::cmp::Ordering::Equal => "overwritten",
            };
            let by = arrived(&new, &mut told);
            all.push(change(kind, key, &shown(&new), by));
        }
        (Some(old), None) => {
            let last_written = now
                .iter()
                .position(|version| !version.marker)
                .unwrap_or(now.len());
            let above = now.get(..last_written).unwrap_or_default();
            let new = above.iter().rfind(|marker| !then.contains(marker));
            told = Some(new.map_or(&old, |marker| marker).id.clone());
            let by = match new {
                Some(marker) => Some(marker.made),
                None => known
                    .emptied
                    .get(key)
                    .copied()
                    .filter(|_| !known.resurrected.contains(key)),
            };
            all.push(change("removed", key, &shown(&old), by));
        }
        _ => {}
    }
    if versions {
        of_versions(key, (then, now), told.as_deref(), known, all);
    }
}

/// Versions that came or went, but for the one that is told of already.
fn of_versions(
    key: &'static str,
    (then, now): (&[Version], &[Version]),
    told: Option<&str>,
    known: &Known,
    all: &mut Vec<Change>,
) {
    let is_told = |version: &Version| told == Some(version.id.as_str());
    for old in then.iter().filter(|old| !now.contains(old) && !is_told(old)) {
        let kind = if old.marker {
            "marker_removed"
        } else {
            "version_removed"
        };
        all.push(change(
            kind,
            key,
            &old.id,
            known.removed.get(&(key, old.id.clone())).copied(),
        ));
    }
    let current = top(now);
    let came = now.iter().filter(|new| current.as_ref() != Some(new));
    for new in came.filter(|new| !then.contains(new) && !is_told(new)) {
        let kind = if new.marker {
            "marker_added"
        } else {
            "version_added"
        };
        all.push(change(kind, key, &new.id, Some(new.made)));
    }
}

/// The changes that the tool tells of, with what it says made them.
fn told(found: &Value) -> Vec<(Change, String, String)> {
    let lists = [
        "added",
        "grown",
        "shrunk",
        "overwritten",
        "removed",
        "transitioned",
        "versions",
    ];
    let rows = lists
        .iter()
        .flat_map(|list| found[*list].as_array().into_iter().flatten());
    let mut all: Vec<_> = rows
        .filter(|row| row["kind"] != "vanished")
        .map(|row| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let of = if row["after"].is_object() {
                &row["after"]
            } else {
                &row["before"]
            };
            let (kind, key, version) = (text(&row["kind"]), text(&row["key"]), text(&of["version_id"]));
            let by = text(&row["deed"]["request_id"]);
            ((kind, key, version, None), text(&row["explained_by"]), by)
        })
        .collect();
    all.sort();
    all
}

/// Every change is told of, tied to its deed; those whose lines were lost are unexplained.
fn check(found: &Value, expected: &[Change], lost: &BTreeSet<usize>, rules: &BTreeSet<usize>) {
    let told = told(found);
    let names: Vec<_> = told.iter().map(|(change, ..)| change.clone()).collect();
    let wanted: Vec<_> = expected
        .iter()
        .map(|(kind, key, version, _)| change(kind, key, version, None))
        .collect();
    assert_eq!(names, wanted);
    let mut unexplained = 0;
    for ((.., by), (change, explained, tied)) in expected.iter().zip(&told) {
        let Some(by) = by else { continue };
        let right = match (lost.contains(by), rules.contains(by)) {
            (true, _) => ("unexplained", String::new()),
            (false, true) => ("lifecycle", request(*by)),
            (false, false) => ("request", request(*by)),
        };
        assert_eq!((explained.as_str(), tied), (right.0, &right.1), "{change:?}");
        unexplained += u64::from(lost.contains(by));
    }
    let listed = found["unexplained"].as_array().map_or(0, Vec::len) as u64;
    assert!(listed >= unexplained);
    if lost.is_empty() {
        assert_eq!(listed, 0, "{}", found["unexplained"]);
        assert_eq!(found["findings"], json!([]));
    }
}

/// Deeds without which nothing else is told apart worse: each made a change that is seen.
///
/// Where versions were deleted one by one until none was left, any of those records may explain that. And what a rule did names no version, so
/// it may have made anything of its key go.
fn losable(expected: &[Change], known: &Known, ruled: &BTreeSet<&str>) -> Vec<usize> {
    let one_by_one: BTreeSet<usize> = known.removed.values().copied().collect();
    let is_losable = |(kind, key, _, by): &Change| {
        let went = matches!(
            kind.as_str(),
            "removed" | "marker_added" | "marker_removed" | "version_removed"
        );
        let by_rule = went && ruled.contains(key.as_str());
        by.filter(|by| !by_rule && (kind != "removed" || !one_by_one.contains(by)))
    };
    let of: BTreeSet<usize> = expected.iter().filter_map(is_losable).collect();
    of.into_iter().collect()
}

type History = (Vec<(&'static str, Deed)>, Vec<(&'static str, Deed)>, Vec<bool>);

async fn tried(versions: bool, (earlier, later, losses): &History) {
    let mut stage = Stage::start(versions).await;
    let mut known = Known::default();
    earlier
        .iter()
        .for_each(|deed| known.play(&mut stage, versions, deed));
    stage.scan().await;
    let before = known.keys.clone();
    known = Known {
        keys: known.keys,
        ..Known::default()
    };
    let first = stage.deeds();
    later
        .iter()
        .for_each(|deed| known.play(&mut stage, versions, deed));
    let expected = expected(&before, &known, versions);
    let rules: BTreeSet<usize> = (first..stage.deeds())
        .filter(|number| stage.is_by_rule(*number))
        .collect();
    stage.scan().await;
    stage.deliver(&[]);
    let found = stage.ask(json!({"limit": 1000, "depth": 2})).await;
    assert_eq!(found["log_complete"], true, "{}", found["note"]);
    check(&found, &expected, &BTreeSet::new(), &rules);
    let ruled = rules.iter().map(|rule| stage.key_of(*rule)).collect();
    let losable = losable(&expected, &known, &ruled)
        .into_iter()
        .zip(losses.iter().cycle());
    let lost: Vec<usize> = losable
        .filter(|(_, lost)| **lost)
        .map(|(number, _)| number)
        .collect();
    stage.deliver_anew(&lost);
    let found = stage.ask(json!({"limit": 1000})).await;
    check(&found, &expected, &lost.into_iter().collect(), &rules);
}

fn histories(versions: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("threads");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    let losses = proptest::collection::vec(any::<bool>(), 1..8);
    let ran = runner.run(&(deeds(30), deeds(50), losses), |history| {
        runtime.block_on(tried(versions, &history));
        Ok(())
    });
    ran.expect("every history is told");
}

#[test]
fn histories_of_objects_are_told() {
    histories(false);
}

#[test]
fn histories_of_versions_are_told() {
    histories(true);
}
