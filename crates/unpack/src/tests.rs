use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("memory")
}

fn small() -> UnpackLimits {
    UnpackLimits {
        free_bytes: 1 << 20,
        ratio: 20,
        most_bytes: 8 << 20,
    }
}

/// Unpacks chunk by chunk.
fn unpack(chunks: &[&[u8]], limits: UnpackLimits) -> (Vec<u8>, Option<Broken>) {
    let mut unpacker = Unpacker::new(limits);
    let mut all = Vec::new();
    for chunk in chunks {
        let mut input = *chunk;
        while !input.is_empty() || unpacker.has_more() {
            match unpacker.step(input) {
                Ok((taken, bytes)) => {
                    assert!(bytes.len() <= (OUTPUT_BYTES + 64 * 1024).max(input.len()));
                    all.extend_from_slice(bytes);
                    input = &input[taken..];
                }
                Err(broken) => {
                    all.extend_from_slice(unpacker.salvage());
                    return (all, Some(broken));
                }
            }
        }
    }
    let (bytes, broken) = unpacker.finish();
    all.extend_from_slice(bytes);
    assert_eq!(unpacker.unpacked(), all.len() as u64);
    (all, broken)
}

fn lines(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|n| format!("line {n} {}\n", n * 7919 % 1013).into_bytes())
        .collect()
}

#[test]
fn what_it_is_decides() {
    let text = lines(20_000);
    let halves = text.split_at(text.len() / 3);
    for packed in [
        text.clone(),
        gzip(&text),
        zstd(&text),
        [gzip(halves.0), gzip(halves.1)].concat(),
        [gzip(halves.0), gzip(b""), gzip(halves.1), vec![0; 512]].concat(),
        [zstd(halves.0), zstd(halves.1)].concat(),
        [b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip".to_vec(), zstd(&text)].concat(),
    ] {
        let (whole, broken) = unpack(&[&packed], UnpackLimits::default());
        assert!(whole == text && broken.is_none(), "{broken:?}");
        let bytes: Vec<&[u8]> = packed.chunks(1).collect();
        let (whole, broken) = unpack(&bytes, UnpackLimits::default());
        assert!(whole == text && broken.is_none(), "{broken:?}");
    }
    for tiny in [&b""[..], b"a", b"ab\nc", b"\x28\xb5\n"] {
        assert_eq!(unpack(&[tiny], small()), (tiny.to_vec(), None));
    }
    assert_eq!(unpack(&[&gzip(b"")], small()), (Vec::new(), None));
}

#[test]
fn what_breaks_off_gives_what_it_has() {
    let text = lines(20_000);
    for packed in [gzip(&text), zstd(&text)] {
        let half = packed.len() / 2;
        let (some, broken) = unpack(&[&packed[..half]], UnpackLimits::default());
        assert_eq!(broken, Some(Broken::Truncated { at: half as u64 }));
        // zstd gives only whole blocks.
        assert!(some.len() > 40_000 && text.starts_with(&some), "{}", some.len());
        let (all, broken) = unpack(&[&packed[..packed.len() - 1]], UnpackLimits::default());
        assert!(matches!(broken, Some(Broken::Truncated { .. })), "{broken:?}");
        assert!(text.starts_with(&all));
    }
    let (none, broken) = unpack(&[&gzip(&text)[..3]], small());
    assert_eq!((none.len(), broken), (0, Some(Broken::Truncated { at: 3 })));
}

#[test]
fn what_follows_is_told() {
    let text = lines(1000);
    for packed in [gzip(&text), zstd(&text)] {
        let at = packed.len() as u64;
        let (all, broken) = unpack(&[&packed, b"rubbish"], small());
        assert!(all == text, "all of what was packed");
        let Some(Broken::Trailing { at: found }) = broken else {
            panic!("{broken:?}")
        };
        assert!(found.abs_diff(at) <= 1, "{found} {at}");
    }
}

#[test]
fn damage_is_found() {
    let text = lines(20_000);
    let mut packed = gzip(&text);
    let last = packed.len() - 6;
    packed[last] ^= 1;
    let (all, broken) = unpack(&[&packed], UnpackLimits::default());
    assert!(
        all == text && matches!(broken, Some(Broken::Corrupt { .. })),
        "{broken:?}"
    );
    let mut packed = gzip(&text);
    let middle = packed.len() / 2;
    packed[middle..middle + 40].fill(0xff);
    let (some, broken) = unpack(&[&packed], UnpackLimits::default());
    assert!(broken.is_some() && some.len() <= 2 * text.len());
    for (magic, _) in OTHERS {
        let (none, broken) = unpack(&[magic, b"more of it"], small());
        assert!(none.is_empty() && matches!(broken, Some(Broken::OtherFormat(_))));
    }
}

#[test]
fn bombs_are_cut() {
    let zeros = vec![b'0'; 32 << 20];
    for packed in [gzip(&zeros), zstd(&zeros)] {
        let (some, broken) = unpack(&[&packed], small());
        assert!(matches!(broken, Some(Broken::Bomb { .. })), "{broken:?}");
        assert!(some.len() < 9 << 20, "{}", some.len());
        let (all, broken) = unpack(&[&packed], UnpackLimits::default());
        assert!(all == zeros && broken.is_none(), "large, but allowed");
    }
    // What isn't packed is as large as it is.
    let (all, broken) = unpack(&[&zeros], small());
    assert!(all == zeros && broken.is_none());
}

proptest! {
    #[test]
    fn chunks_make_no_difference(
        text in "[a-c\\n]{0,300}",
        members in 1_usize..4,
        kind in 0_usize..3,
        cuts in proptest::collection::vec(0_usize..600, 0..8),
    ) {
        let pack = [|bytes: &[u8]| bytes.to_vec(), gzip, zstd][kind];
        let packed: Vec<u8> = (0..members).flat_map(|_| pack(text.as_bytes())).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(packed.len())).collect();
        cuts.extend([0, packed.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &packed[pair[0]..pair[1]]).collect();
        let (all, broken) = unpack(&chunks, UnpackLimits::default());
        prop_assert_eq!(broken, None);
        prop_assert_eq!(all, text.repeat(members).into_bytes());
    }

    #[test]
    fn nothing_makes_it_panic(
        head in prop_oneof![Just(&b""[..]), Just(GZIP), Just(ZSTD), Just(&b"\x1f\x8b\x08\x00"[..])],
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        unpack(&[head, &bytes], small());
    }
}
