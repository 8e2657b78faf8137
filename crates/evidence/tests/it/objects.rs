//! Log objects that are looked at again.

use proptest::prelude::*;
use spacewatch_evidence::{Bundle, Digest, ObjectLines, ObjectNote, Place, Verdict, local};

use super::kit::{OBJECTS, bundle, examined, gzip, open, stored};

fn copies(folder: &std::path::Path) {
    for (key, lines) in OBJECTS.into_iter().take(2) {
        let path = folder.join(key);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, stored(key, lines)).expect("a file");
    }
}

fn words(bundle: &Bundle, folder: &std::path::Path) -> Vec<&'static str> {
    let objects = bundle.objects().iter();
    objects
        .map(|(note, lines)| local::check(bundle, folder, note, lines).as_str())
        .collect()
}

#[test]
fn a_local_copy_is_checked() {
    let bundle = open(&bundle().pieces.concat()).expect("a bundle");
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(words(&bundle, folder.path()), ["missing", "missing", "missing"]);
    copies(folder.path());
    assert_eq!(words(&bundle, folder.path()), ["intact", "intact", "missing"]);
    // The prefix of the log may be left out.
    assert_eq!(
        words(&bundle, &folder.path().join("access")),
        ["intact", "intact", "missing"]
    );
    let (a, b) = (folder.path().join("access/a"), folder.path().join("access/b.gz"));
    std::fs::write(&a, "first line\nsecond line\n").expect("a file");
    std::fs::remove_file(&b).expect("removed");
    std::fs::create_dir(&b).expect("a folder");
    assert_eq!(
        words(&bundle, folder.path()),
        ["altered", "unreadable", "missing"]
    );
    // What was gone when the bundle was written may turn up again.
    std::fs::write(folder.path().join("access/gone"), "what was deleted\n").expect("a file");
    assert_eq!(words(&bundle, folder.path())[2], "intact");
    std::fs::write(folder.path().join("access/gone"), "what was deletee\n").expect("a file");
    assert_eq!(words(&bundle, folder.path())[2], "altered");
}

fn note(bytes: &[u8], records: u64) -> ObjectNote {
    ObjectNote {
        key: "k".to_owned(),
        records,
        etag: Some("e1".to_owned()),
        bytes: Some(bytes.len() as u64),
        last_modified: None,
        sha256: Some(Digest::of(bytes)),
        unverifiable: None,
    }
}

#[test]
fn the_same_content_under_another_etag_is_said() {
    let lines = lines_of(b"one\ntwo\n", &[(0, 3)]);
    let found = examined(b"one\ntwo\n", &lines, 3);
    let note = note(b"one\ntwo\n", 1);
    assert_eq!(found.verdict(&note, Some("e1")), Verdict::Intact(None));
    let Verdict::Intact(Some(said)) = found.verdict(&note, Some("e2")) else {
        panic!("it is intact, with a note");
    };
    assert!(said.contains("`e2` and was `e1`"));
}

#[test]
fn a_bomb_ends() {
    let bomb = gzip(&vec![b'x'; 1 << 20]);
    let lines = lines_of(&[b'x'; 100], &[(90, 10)]);
    let found = examined(&bomb[..bomb.len() / 2], &lines, 100);
    assert_eq!((found.lines_astray, found.broken.is_some()), (0, true));
    assert!(matches!(
        found.verdict(&note(&bomb, 1), None),
        Verdict::Altered(_)
    ));
}

fn lines_of(text: &[u8], places: &[(usize, usize)]) -> ObjectLines {
    let place = |&(offset, length): &(usize, usize)| Place {
        offset: offset as u64,
        length: length as u64,
        sha256: Digest::of(&text[offset..offset + length]),
    };
    ObjectLines {
        key: "k".to_owned(),
        places: places.iter().map(place).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any lines of any text, packed or not, are found where they are, and a changed byte is found if and only if it is in one.
    #[test]
    fn lines_are_found_where_they_are(
        lines in prop::collection::vec("[a-c]{1,12}", 1..20),
        wanted in prop::collection::vec(any::<bool>(), 20),
        chunk in 1_usize..40,
        packed: bool,
        changed in any::<prop::sample::Index>(),
    ) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let mut offset = 0;
        let mut places = Vec::new();
        for (line, wanted) in lines.iter().zip(wanted) {
            if wanted {
                places.push((offset, line.len()));
            }
            offset += line.len() + 1;
        }
        let object = lines_of(text.as_bytes(), &places);
        let pack = |text: &[u8]| if packed { gzip(text) } else { text.to_vec() };
        let found = examined(&pack(text.as_bytes()), &object, chunk);
        prop_assert_eq!(found.sha256, Digest::of(&pack(text.as_bytes())));
        prop_assert_eq!((found.astray, found.lines_astray, found.broken), (None, 0, None));
        let mut other = text.clone().into_bytes();
        let at = changed.index(other.len());
        other[at] ^= 1;
        let found = examined(&pack(&other), &object, chunk);
        let hit = places.iter().find(|(offset, length)| (*offset..offset + length).contains(&at));
        prop_assert_eq!(found.astray, hit.map(|(offset, _)| *offset as u64));
        let cut = examined(&pack(&text.as_bytes()[..at]), &object, chunk);
        let lost = places.iter().filter(|(offset, length)| offset + length > at).count() as u64;
        prop_assert_eq!(cut.lines_astray, lost);
    }
}
