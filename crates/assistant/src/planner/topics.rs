//! All that can be asked.

mod cost;
mod deletes;
mod egress;
mod forensic;
mod growth;
mod hygiene;
mod objects;
mod people;
mod performance;
mod reads;
mod security;
mod storage;
mod traffic;

use super::refuse;
use super::topic::Topic;
use super::write::Writer;

/// Of topics that fit a question as well, the first is taken.
const ALL: [&[Topic]; 13] = [
    cost::TOPICS,
    egress::TOPICS,
    security::TOPICS,
    people::TOPICS,
    reads::TOPICS,
    objects::TOPICS,
    deletes::TOPICS,
    forensic::TOPICS,
    performance::TOPICS,
    growth::TOPICS,
    hygiene::TOPICS,
    storage::TOPICS,
    traffic::TOPICS,
];

pub(super) fn all() -> impl Iterator<Item = &'static Topic> {
    ALL.into_iter().flatten()
}

pub(super) fn named(name: &str) -> Option<&'static Topic> {
    all().find(|topic| topic.name == name)
}

/// Where an inventory is missing, offers to make one.
pub(super) fn propose_missing(writer: &mut Writer<'_>) {
    let missing = writer.calls().iter().find(|outcome| {
        let needs = outcome.call.tool.starts_with("inventory") || outcome.call.tool == "hot-cold";
        needs
            && outcome
                .result
                .as_ref()
                .is_err_and(|failure| failure.detail.contains("no inventory"))
    });
    let Some(bucket) = missing.and_then(|outcome| outcome.call.args.pointer("/bucket")?.as_str()) else {
        return;
    };
    if let Some(proposal) = refuse::inventory(bucket).proposal {
        writer
            .say("\n\nThis needs a kept inventory of ")
            .name(bucket)
            .say(". It is made if you confirm it.")
            .propose(proposal);
    }
}

#[cfg(test)]
mod tests {
    use super::super::vocabulary::VOCABULARY;
    use super::*;

    /// A word that no vocabulary has would never be meant.
    #[test]
    fn every_way_is_made_of_known_meanings() {
        for topic in all() {
            for term in topic.ways.iter().flat_map(|way| way.split_whitespace()) {
                for one in term
                    .trim_start_matches(['+', '-'])
                    .split('|')
                    .filter(|one| !one.starts_with('@'))
                {
                    assert!(
                        VOCABULARY.iter().any(|(meaning, _)| *meaning == one),
                        "{}: {one}",
                        topic.name
                    );
                }
            }
            assert!(
                topic.why.is_none_or(|name| named(name).is_some()),
                "{}",
                topic.name
            );
            assert!(
                topic.who.is_none_or(|name| named(name).is_some()),
                "{}",
                topic.name
            );
        }
    }
}
