//! Whatever a chart is given, it draws something that is well-formed.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use spacewatch_model::{TimeRange, Timestamp};
use spacewatch_plot::{
    Bar, BarChart, Bin, Caption, Chart, Heatmap, Histogram, Ink, Series, SeriesKind, Share, ShareChart, Size,
    Theme, TimeChart, Unit,
};

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        0.0..1e6,
        Just(0.0),
        Just(f64::NAN),
        Just(f64::MAX),
        Just(f64::MIN_POSITIVE)
    ]
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let any_time = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    prop_oneof![any_time, 1_782_864_000..1_782_950_000i64]
        .prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn caption() -> impl Strategy<Value = Caption> {
    (
        any::<String>(),
        any::<String>(),
        option::of(any::<String>()),
        any::<String>(),
    )
        .prop_map(|(title, subtitle, note, empty)| Caption {
            title,
            subtitle,
            note,
            empty,
        })
}

fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![
        Just(Unit::Count),
        Just(Unit::Bytes),
        Just(Unit::Milliseconds),
        Just(Unit::Percent)
    ]
}

fn step() -> impl Strategy<Value = Option<Duration>> {
    option::of(prop_oneof![
        any::<Duration>(),
        Just(Duration::ZERO),
        Just(Duration::from_secs(60))
    ])
}

fn series() -> impl Strategy<Value = Series> {
    let kind = prop_oneof![
        Just(SeriesKind::Line),
        Just(SeriesKind::Area),
        Just(SeriesKind::Bar)
    ];
    (any::<String>(), vec((moment(), option::of(value())), 0..20), kind).prop_map(|(name, points, kind)| {
        Series {
            name,
            points,
            kind,
            ink: Ink::Next,
        }
    })
}

fn time_chart() -> impl Strategy<Value = Chart> {
    let words = (caption(), unit(), vec(series(), 0..10), any::<bool>());
    (
        words,
        option::of(moment()),
        option::of(moment()),
        step(),
        option::of(moment()),
    )
        .prop_map(
            |((caption, unit, series, stacked), from, to, step, incomplete_from)| {
                let range = TimeRange { from, to };
                TimeChart {
                    caption,
                    unit,
                    series,
                    stacked,
                    range,
                    step,
                    incomplete_from,
                }
                .into()
            },
        )
}

fn chart() -> impl Strategy<Value = Chart> {
    let bars =
        (caption(), unit(), vec((any::<String>(), value()), 0..40)).prop_map(|(caption, unit, rows)| {
            let rows = rows
                .into_iter()
                .map(|(label, value)| Bar { label, value })
                .collect();
            BarChart { caption, unit, rows }.into()
        });
    let columns = vec((moment(), vec(option::of(value()), 0..6)), 0..20);
    let heatmap = (caption(), unit(), vec(any::<String>(), 0..80), columns, step()).prop_map(
        |(caption, unit, rows, columns, step)| {
            Heatmap {
                caption,
                unit,
                rows,
                columns,
                step,
            }
            .into()
        },
    );
    let bins = vec((value(), value(), value()), 0..40);
    let histogram = (caption(), unit(), unit(), bins).prop_map(|(caption, measured, unit, bins)| {
        let bins = bins
            .into_iter()
            .map(|(from, to, value)| Bin { from, to, value })
            .collect();
        Histogram {
            caption,
            measured,
            unit,
            bins,
        }
        .into()
    });
    let shares =
        (caption(), unit(), vec((any::<String>(), value()), 0..12)).prop_map(|(caption, unit, parts)| {
            let parts = parts
                .into_iter()
                .map(|(label, value)| Share {
                    label,
                    value,
                    ink: Ink::Next,
                })
                .collect();
            ShareChart { caption, unit, parts }.into()
        });
    prop_oneof![bars, time_chart(), heatmap, histogram, shares]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn is_drawn(chart in chart(), width in 200..900u32, height in 200..600u32) {
        let size = Size::new(width, height).unwrap();
        let svg = chart.svg(size, Theme::Dark);
        let document = roxmltree::Document::parse(&svg).unwrap();
        for attribute in document.descendants().flat_map(|node| node.attributes()) {
            prop_assert!(!attribute.value().contains("NaN") && !attribute.value().contains("inf"), "{svg}");
        }
        prop_assert!(chart.png(size, Theme::Dark).unwrap().starts_with(b"\x89PNG"));
    }
}
