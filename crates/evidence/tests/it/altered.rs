//! Bundles that were altered by accident, or by somebody who doesn't work out the digests anew.

use proptest::prelude::*;

use super::kit::{about_finding, bundle, complaint, facts, filled, notes, open};

#[test]
fn what_is_written_is_read() {
    let written = bundle();
    let bundle = open(&written.pieces.concat()).expect("a bundle");
    assert_eq!(bundle.manifest(), &written.manifest);
    assert_eq!(bundle.fingerprint(), written.fingerprint);
    let objects: Vec<_> = bundle
        .objects()
        .iter()
        .map(|(note, lines)| (note.key.as_str(), lines.places.len()))
        .collect();
    assert_eq!(objects, [("access/a", 3), ("access/b.gz", 2), ("access/gone", 1)]);
}

#[test]
fn the_same_gives_the_same_bytes() {
    assert_eq!(bundle().pieces.concat(), bundle().pieces.concat());
    let mut twice = filled();
    for _ in 0..2 {
        let new = spacewatch_evidence::NewRecord {
            log_object: "access/a",
            offset: 0,
            line: b"first line",
            record: &serde_json::Value::Null,
        };
        twice.add(&new).expect("room");
    }
    let notes = notes(&twice.objects());
    assert_eq!(
        twice.finish(facts(), &notes).pieces.concat(),
        bundle().pieces.concat()
    );
}

/// Not by chance: every byte of the archive, and every bit of it.
#[test]
fn no_bit_can_flip_unnoticed() {
    for whole in [bundle(), about_finding()] {
        let whole = whole.pieces.concat();
        let mut altered = whole.clone();
        for at in 0..whole.len() {
            for bit in 0..8 {
                altered[at] ^= 1 << bit;
                assert!(open(&altered).is_err(), "bit {bit} of byte {at}");
                altered[at] = whole[at];
            }
        }
        assert!(open(&altered).is_ok());
    }
}

#[test]
fn a_finding_is_read_with_its_settings() {
    let written = about_finding();
    let about = open(&written.pieces.concat()).expect("a bundle");
    assert_eq!(about.manifest(), &written.manifest);
    assert_eq!(about.finding().expect("a finding")["severity"], "high");
    let settings: Vec<_> = about
        .settings()
        .iter()
        .map(|note| (note.name.as_str(), note.document.as_str()))
        .collect();
    assert_eq!(settings, [("policy", "{\"Statement\":\u{202e}}")]);
    assert_eq!((written.manifest.version, bundle().manifest.version), (2, 1));
    let plain = open(&bundle().pieces.concat()).expect("a bundle");
    assert!(plain.finding().is_none() && plain.settings().is_empty());
}

#[test]
fn no_bundle_is_cut_or_goes_on() {
    let whole = bundle().pieces.concat();
    for whole in [bundle(), about_finding()] {
        let whole = whole.pieces.concat();
        for end in 0..whole.len() {
            assert!(open(&whole[..end]).is_err(), "{end}");
        }
    }
    let longer = [whole.as_slice(), b"\0"].concat();
    assert!(complaint(&longer).contains("something follows it"));
    assert!(complaint(b"").contains("it ends in `objects.jsonl`"));
    assert!(complaint(b"no archive at all, but long enough to hold the header of one").contains("damaged"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_else_is_taken(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        other in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let whole = bundle().pieces.concat();
        let at = at.index(whole.len());
        let end = (at + length).min(whole.len());
        let altered = [&whole[..at], &other, &whole[end..]].concat();
        prop_assert_eq!(open(&altered).is_ok(), altered == whole);
    }

    #[test]
    fn any_bytes_are_read_calmly(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(open(&bytes).is_err());
    }
}
