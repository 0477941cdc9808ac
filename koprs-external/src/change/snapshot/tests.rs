//! What a snapshot holds, and what it takes.

mod walks;

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::super::Rule;
use super::*;

const RULE: Rule = Rule { confirm: 1, hold_above: 0.5, hold_min: 4 };
const FREE: Rule = Rule { confirm: 1, hold_above: 1.0, hold_min: 1 };

/// Of a mark, the first byte counts.
fn differs(old: &[u8], new: &[u8]) -> bool {
    old.first() != new.first()
}

fn walk<'a>(
    snapshot: Snapshot,
    listing: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Snapshot {
    let mut merge = Merge::first(snapshot, differs);
    for (key, mark) in listing {
        merge.see(key, mark, || true);
    }
    merge.finish()
}

fn of(listing: &BTreeMap<String, Vec<u8>>) -> Snapshot {
    walk(Snapshot::default(), listing.iter().map(|(key, mark)| (&**key, &**mark)))
}

fn contents(snapshot: &Snapshot) -> BTreeMap<String, Vec<u8>> {
    let mut contents = Vec::new();
    snapshot.for_each(|key, mark| contents.push((key.to_owned(), mark.to_vec())));
    assert!(contents.is_sorted(), "{contents:?}");
    assert_eq!(contents.len(), snapshot.len());
    contents.into_iter().collect()
}

/// Takes out what is gone, some at a time.
fn gone(snapshot: &mut Snapshot, most: usize) -> Vec<String> {
    let mut gone = Vec::new();
    loop {
        let before = gone.len();
        let more = snapshot.take_gone(most, |key, _| gone.push(key.to_owned()));
        assert!(gone.len() == before + most || !more);
        if !more {
            return gone;
        }
    }
}

/// Sees a key with a mark that is not taken.
fn leave<D: Fn(&[u8], &[u8]) -> bool>(merge: &mut Merge<D>, key: &str) -> Sight {
    match merge.see(key, b"not taken", || false) {
        Sight::Changed => Sight::Same,
        sight => sight,
    }
}

/// Plays walks, `release` or `fails`. `a1 ?b` sees `a` with the mark `1`, and leaves `b`; a walk that ends in
/// `|` is cut off. Returns what each came to.
fn play(rule: Rule, steps: &[&str]) -> Vec<String> {
    let (mut snapshot, mut guard) = (Snapshot::default(), Guard::new(rule));
    let mut play = |step: &str| match step {
        "release" => {
            snapshot.release();
            String::new()
        }
        "fails" => {
            guard.failed();
            snapshot.failed();
            String::new()
        }
        listing => {
            let mut merge = Merge::first(mem::take(&mut snapshot), differs);
            let mut seen = Vec::new();
            for word in listing.split_whitespace().filter(|word| *word != "|") {
                let (key, mark) = word.split_at(1);
                let (key, sight) = match key {
                    "?" => (mark, leave(&mut merge, mark)),
                    _ => (key, merge.see(key, mark.as_bytes(), || true)),
                };
                seen.push(match sight {
                    Sight::Same => String::new(),
                    Sight::New => format!("+{key}"),
                    Sight::Changed => format!("~{key}"),
                    Sight::Twice | Sight::OutOfOrder => format!("{sight:?}:{key}"),
                });
            }
            snapshot = match listing.ends_with('|') {
                true => merge.abandon(),
                false => merge.finish(),
            };
            if !listing.ends_with('|') {
                snapshot.judge(&mut guard);
                let held = guard.held();
                seen.extend(gone(&mut snapshot, 1).into_iter().map(|key| format!("-{key}")));
                seen.extend(held.map(|it| format!("({} of {}, {})", it.items, it.of, it.agreed)));
            }
            seen.retain(|word| !word.is_empty());
            seen.join(" ")
        }
    };
    steps.iter().map(|step| play(step)).collect()
}

#[test]
fn entries_come_change_and_go() {
    let seen = play(FREE, &["a1 b1 c1", "a1 b1 c1", "a1 b2 d1", "a1 b2x d1", ""]);
    assert_eq!(seen, ["+a +b +c", "", "~b +d -c", "", "-a -b -d"]);
}

#[test]
fn what_is_out_of_order_or_comes_twice_does_nothing() {
    let seen = play(FREE, &["a1 c1 c2 b1 d1", "a1 c1 b1 d1"]);
    assert_eq!(seen, ["+a +c Twice:c OutOfOrder:b +d", "OutOfOrder:b"]);
}

#[test]
fn what_is_left_is_there_with_its_known_mark() {
    let seen = play(FREE, &["a1 b1", "?a b1 ?c", "a2 b1 c1"]);
    assert_eq!(seen, ["+a +b", "+c", "~a +c"]);
}

#[test]
fn a_walk_that_is_cut_off_removes_nothing_and_keeps_what_it_learned() {
    let seen = play(FREE, &["a1 b1 c1 e1", "b2 d1 |", "a1 b2 c1 d1 e1"]);
    assert_eq!(seen, ["+a +b +c +e", "~b +d", ""]);
}

#[test]
fn many_removals_at_once_are_held_until_three_walks_in_a_row_agree() {
    let all = "a1 b1 c1 d1";
    assert_eq!(
        play(RULE, &[all, "a1", "a1", "a1"])[1..],
        ["(3 of 4, 1)", "(3 of 4, 2)", "-b -c -d"]
    );
    assert_eq!(
        play(RULE, &[all, "", "", all, "", "", ""])[3..6],
        ["", "(4 of 4, 1)", "(4 of 4, 2)"]
    );
    let seen = play(RULE, &[all, "", "", "a1 |", "fails", "", "", "", ""]);
    assert_eq!(seen[5..], ["(4 of 4, 1)", "(4 of 4, 2)", "-a -b -c -d", ""]);
    assert_eq!(play(RULE, &[all, "", "release", ""])[3], "-a -b -c -d");
}

#[test]
fn a_listing_of_other_keys_is_no_reason_to_remove_those_that_are_known() {
    let seen = play(RULE, &["a1 b1 c1 d1", "s1 t1 u1 v1 w1 x1"]);
    assert_eq!(seen[1], "+s +t +u +v +w +x (4 of 4, 1)");
}

/// Keys as they are in stores.
fn typical(keys: u32) -> BTreeMap<String, Vec<u8>> {
    let key = |n: u32| {
        let (tenant, month, day) = (n / 5000, n / 1000 % 5 + 1, n / 100 % 10 + 11);
        format!("tenants/{tenant:04}/models/2024-{month:02}-{day}/part-{n:06}.parquet")
    };
    let mark = |n: u32| [n.wrapping_mul(0x9e37_79b9).to_le_bytes(); 4].concat()[2..].to_vec();
    (0..keys).map(|n| (key(n), mark(n))).collect()
}

#[test]
fn an_entry_takes_at_most_34_bytes() {
    let snapshot = of(&typical(50_000));
    assert_eq!(snapshot.len(), 50_000);
    let each = snapshot.heap_bytes() / snapshot.len();
    assert!(each < 34, "{each}");
}

#[test]
fn a_block_without_a_difference_is_not_written_anew() {
    let mut listing = typical(1000);
    let all: Vec<_> = listing.clone().into_iter().collect();
    let parts = all.chunks(40).map(|part| of(&part.iter().cloned().collect())).collect();
    let counts =
        |snapshot: &Snapshot| -> Vec<_> { snapshot.blocks.iter().map(Block::count).collect() };
    let mut snapshot = Snapshot::join(parts);
    let mut expected = vec![40; 25];
    assert_eq!(counts(&snapshot), expected, "less than would be in blocks that are written anew");
    listing.values_mut().nth(500).unwrap()[0] ^= 1;
    listing.remove(&all[900].0);
    snapshot = walk(snapshot, listing.iter().map(|(key, mark)| (&**key, &**mark)));
    assert_eq!(counts(&snapshot), expected);
    snapshot.judge(&mut Guard::new(FREE));
    assert_eq!(gone(&mut snapshot, 10), [all[900].0.clone()]);
    expected[900 / 40] -= 1;
    assert_eq!(counts(&snapshot), expected);
    assert_eq!(contents(&snapshot), listing);
}

/// The blocks are neither too many nor too few, beside those of the same contents written at once.
fn assert_compact(snapshot: &Snapshot) {
    let once = of(&contents(snapshot)).blocks.len();
    let blocks = snapshot.blocks.len();
    assert!((once / 2..2 * once).contains(&blocks), "{blocks} blocks instead of {once}");
    assert!(blocks == 1 || !snapshot.blocks.iter().any(Block::is_small));
}

#[test]
fn what_grows_at_its_end_is_cut_into_blocks() {
    let (mut listing, mut snapshot) = (BTreeMap::new(), Snapshot::default());
    for (key, mark) in typical(1000) {
        listing.insert(key, mark);
        snapshot = walk(snapshot, listing.iter().map(|(key, mark)| (&**key, &**mark)));
    }
    assert_eq!(contents(&snapshot), listing);
    assert_compact(&snapshot);
}

#[test]
fn many_small_edits_leave_no_fragments() {
    let pool: Vec<_> = typical(3000).into_iter().collect();
    let (mut listing, mut snapshot) = (BTreeMap::new(), Snapshot::default());
    let mut random = 42_u64;
    for edit in 0..1000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (key, mark) = &pool[usize::try_from(random >> 33).unwrap() % pool.len()];
        if edit % 3 == 0 || listing.remove(key).is_none() {
            listing.insert(key.clone(), mark.clone());
        }
        if edit == 500 {
            listing.extend(pool.iter().cloned());
        }
        snapshot = walk(snapshot, listing.iter().map(|(key, mark)| (&**key, &**mark)));
        snapshot.judge(&mut Guard::new(FREE));
        gone(&mut snapshot, 10);
    }
    assert_eq!(contents(&snapshot), listing);
    assert_compact(&snapshot);
}

#[test]
fn many_removals_leave_no_fragments() {
    let all = typical(5000);
    let keeps: [fn(usize) -> bool; 2] = [|n| n % 40 == 0, |n| n / 200 % 2 == 0 || n % 200 == 100];
    for keeps in keeps {
        let kept = all.iter().zip(0..).filter(|(_, n)| keeps(*n)).map(|(entry, _)| entry);
        let listing: Vec<_> = kept.map(|(key, mark)| (&**key, &**mark)).collect();
        let mut snapshot = walk(of(&all), listing.iter().copied());
        snapshot.judge(&mut Guard::new(FREE));
        gone(&mut snapshot, 100);
        assert_eq!(snapshot.len(), listing.len());
        assert_compact(&snapshot);
    }
}

/// Any keys, of which some have much in common.
fn any_listing() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let text = |most| vec(any::<char>(), 0..most).prop_map(String::from_iter);
    let long = (0..500_usize, text(25)).prop_map(|(depth, rest)| "ü".repeat(depth) + &rest);
    let key = prop_oneof![text(5), text(25), text(275), long];
    btree_map(key, vec(any::<u8>(), 0..300), 0..60)
}

proptest! {
    #[test]
    fn any_keys_and_marks_are_kept(listing in any_listing()) {
        let snapshot = of(&listing);
        prop_assert_eq!(&contents(&snapshot), &listing);
        for (key, mark) in &listing {
            prop_assert_eq!(snapshot.get(key), Some(mark.clone()));
            let other = format!("{key}!");
            prop_assert_eq!(snapshot.get(&other), listing.get(&other).cloned());
        }
    }

    #[test]
    fn parts_put_together_are_the_whole(listing in any_listing(), parts in 1..6_usize) {
        let snapshot = of(&listing);
        let cuts = snapshot.cuts(parts, |key, mark| listing.get(key).is_some_and(|it| it == mark));
        prop_assert!(cuts.len() < parts);
        let parts = snapshot.split(&cuts);
        prop_assert_eq!(parts.len(), cuts.len() + 1);
        for (part, Cut { last, before }) in parts.iter().zip(&cuts) {
            let contents = contents(part);
            let mut keys = contents.keys().rev();
            prop_assert_eq!(keys.next(), Some(last));
            prop_assert!(before.is_empty() || keys.next() == Some(before));
        }
        let blocks: usize = parts.iter().map(|part| part.blocks.len()).sum();
        let whole = Snapshot::join(parts);
        prop_assert!(whole.blocks.len() <= blocks);
        prop_assert_eq!(contents(&whole), listing);
    }
}

#[test]
fn parts_are_of_about_the_same_size() {
    let snapshot = of(&typical(20_000));
    let after = snapshot.cuts(4, |_, _| true);
    for part in snapshot.split(&after) {
        assert!((4700..5300).contains(&part.len()), "{}", part.len());
    }
}

#[test]
fn a_sample_of_what_was_not_seen_is_spread_and_has_both_ends() {
    let keys: Vec<_> = (0..1000).map(|n| format!("k{n:04}")).collect();
    let mut merge = Merge::first(Snapshot::default(), |_: &[u8], _: &[u8]| true);
    keys.iter().for_each(|key| {
        merge.see(key, b"m", || true);
    });
    let mut merge = Merge::first(merge.finish(), |_: &[u8], _: &[u8]| true);
    keys.iter().filter(|key| key.as_str() < "k0100" || key.as_str() > "k0199").for_each(|key| {
        merge.see(key, b"m", || true);
    });
    let snapshot = merge.finish();
    let keys: Vec<_> =
        snapshot.unseen_sample(3, |_| true).into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["k0100", "k0149", "k0199"]);
    assert_eq!(snapshot.unseen_sample(16, |_| true).len(), 16);
    assert_eq!(snapshot.unseen_sample(500, |_| true).len(), 100);
    assert!(Snapshot::default().unseen_sample(16, |_| true).is_empty());
}
