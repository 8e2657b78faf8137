//! What the pixels of a PNG show.

use spacewatch_plot::{Bar, BarChart, Caption, Chart, Size, Theme, Unit};
use tiny_skia::Pixmap;

fn picture(rows: Vec<Bar>, size: Size) -> Pixmap {
    let chart = Chart::from(BarChart {
        caption: Caption::new("Top"),
        unit: Unit::Count,
        rows,
    });
    Pixmap::decode_png(&chart.png(size, Theme::Light).unwrap()).unwrap()
}

/// The lengths of the bars in pixels, from the top.
fn bars(picture: &Pixmap) -> Vec<u32> {
    let accent = |x, y| {
        let pixel = picture.pixel(x, y).unwrap();
        (pixel.red(), pixel.green(), pixel.blue()) == (0x1d, 0x5f, 0xd1)
    };
    let long = |y| (0..picture.width()).filter(|x| accent(*x, y)).count();
    let mut lengths = Vec::new();
    let mut before = 0;
    for y in 0..picture.height() {
        let now = long(y);
        if now > 0 && before == 0 {
            lengths.push(u32::try_from(now).unwrap());
        }
        before = now;
    }
    lengths
}

#[test]
fn pictures_are_as_large_as_asked() {
    for (width, height) in [(200, 200), (1000, 600), (4000, 300), (1201, 777)] {
        let picture = picture(vec![Bar::new("a", 1.0)], Size::new(width, height).unwrap());
        assert_eq!((picture.width(), picture.height()), (width, height));
    }
}

#[test]
fn sizes_have_bounds() {
    for (width, height) in [(199, 300), (300, 199), (4001, 300), (300, u32::MAX), (0, 0)] {
        assert!(Size::new(width, height).is_err());
    }
}

#[test]
fn bars_are_as_long_as_their_values() {
    let rows = [1_000.0, 500.0, 250.0].map(|value| Bar::new("a", value)).to_vec();
    for (size, unit) in [(Size::default(), 1), (Size::new(3000, 1800).unwrap(), 3)] {
        let lengths = bars(&picture(rows.clone(), size));
        let [first, second, third] = lengths.as_slice() else {
            panic!("{lengths:?}")
        };
        assert!(*first > 700 * unit, "{lengths:?}");
        // The axis covers the first pixel of each bar.
        let twice = first.abs_diff(second * 2) <= 3 * unit;
        assert!(twice && first.abs_diff(third * 4) <= 4 * unit, "{lengths:?}");
    }
}

#[test]
fn nothing_has_no_bars() {
    assert!(bars(&picture(Vec::new(), Size::default())).is_empty());
    assert!(bars(&picture(vec![Bar::new("a", 0.0)], Size::default())).is_empty());
}

#[test]
fn letters_are_drawn() {
    let size = Size::default();
    let one = picture(vec![Bar::new("photos", 1.0)], size);
    let other = picture(vec![Bar::new("videos", 1.0)], size);
    assert_ne!(one.data(), other.data());
}
