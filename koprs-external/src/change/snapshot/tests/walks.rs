//! Any sequence of walks, against a model that is a map.

use std::ops::Range;

use proptest::option;

use super::*;

type Differs = fn(&[u8], &[u8]) -> bool;

const POOL: u16 = 400;
const RULE: Rule = Rule { confirm: 1, hold_above: 0.3, hold_min: 4 };

fn key(number: u16) -> String {
    match number {
        0 => String::new(),
        _ => format!("tenants/{:02}/größe/{number:03}", number / 30),
    }
}

fn mark(number: u16, state: [u8; 2]) -> Vec<u8> {
    let padding = usize::from(number % 7) * 40;
    [state.to_vec(), vec![0; padding]].concat()
}

#[derive(Clone, Debug)]
struct Walk {
    /// What has become of objects in the store.
    edits: Vec<(u16, Option<[u8; 2]>)>,
    /// They are there, and not listed.
    hidden: Range<u16>,
    /// They are listed, and to be left.
    young: Vec<u16>,
    /// They are listed in each other's place.
    swaps: Vec<(prop::sample::Index, prop::sample::Index)>,
    parts: usize,
    /// The last part ends early, after so many sightings.
    cut: Option<usize>,
    second_cut: bool,
    /// So many of those that are gone are taken out at once.
    most: usize,
    /// What happens between two walks, before and after that.
    between: [Between; 2],
}

#[derive(Clone, Copy, Debug)]
enum Between {
    Nothing,
    Release,
    Failure,
}

fn walks() -> impl Strategy<Value = Vec<Walk>> {
    let state = prop_oneof![3 => [0..2_u8, 0..3_u8].prop_map(Some), 1 => Just(None)];
    let few = vec((0..POOL, state.clone()), 0..6);
    let edits = prop_oneof![3 => few, 1 => vec((0..POOL, state), 0..300)];
    let hidden = (0..POOL, prop_oneof![4 => Just(0), 3 => 0..10_u16, 1 => 0..POOL]);
    let hidden = hidden.prop_map(|(from, count)| from..from + count);
    let places = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let between = || {
        prop_oneof![
            6 => Just(Between::Nothing),
            1 => Just(Between::Release),
            1 => Just(Between::Failure)
        ]
    };
    let listed = (edits, hidden, vec(0..POOL, 0..6), vec(places, 0..4));
    let ended = (1..4_usize, option::weighted(0.2, 0..200_usize), prop::bool::weighted(0.1));
    let after = (1..20_usize, [between(), between()]);
    let walk = (listed, ended, after).prop_map(|(listed, ended, after)| {
        let (edits, hidden, young, swaps) = listed;
        let (parts, cut, second_cut) = ended;
        let (most, between) = after;
        Walk { edits, hidden, young, swaps, parts, cut, second_cut, most, between }
    });
    vec(walk, 1..12)
}

#[derive(Debug)]
struct Entry {
    mark: Vec<u8>,
    absence: Absence,
    seen: bool,
}

struct Model {
    entries: BTreeMap<String, Entry>,
    gone: Vec<String>,
    guard: Guard,
    /// At the end of the last walk that was complete.
    known: usize,
    /// The key that the pass saw last.
    last: Option<String>,
}

impl Model {
    fn begin(&mut self) {
        self.entries.values_mut().for_each(|entry| entry.seen = false);
    }

    fn sees(&mut self, second: bool, key: &str, mark: Option<&[u8]>) -> Sight {
        match &self.last {
            Some(last) if **last > *key => return Sight::OutOfOrder,
            Some(last) if **last == *key => return Sight::Twice,
            _ => self.last = Some(key.to_owned()),
        }
        match (self.entries.get_mut(key), mark) {
            (Some(entry), _) if second && entry.seen => Sight::Twice,
            (Some(entry), mark) => {
                (entry.seen, entry.absence) = (true, Absence::There);
                let old = entry.mark.clone();
                entry.mark = mark.unwrap_or(&old).to_vec();
                if old[0] == entry.mark[0] { Sight::Same } else { Sight::Changed }
            }
            (None, mark) => {
                let (absence, seen) = (Absence::There, true);
                let entry = mark.map(|mark| Entry { mark: mark.to_vec(), absence, seen });
                self.entries.extend(entry.map(|entry| (key.to_owned(), entry)));
                Sight::New
            }
        }
    }

    fn unseen(&self) -> usize {
        self.entries.values().filter(|entry| !entry.seen).count()
    }

    fn judge(&mut self) {
        self.guard.found();
        let mut unseen: Vec<_> = self.entries.iter_mut().filter(|(_, it)| !it.seen).collect();
        let mut absences: Vec<_> = unseen.iter().map(|(_, entry)| entry.absence).collect();
        let known = self.known.max(absences.len());
        let gone = self.guard.judge(&mut absences, known, None);
        for ((_, entry), absence) in unseen.iter_mut().zip(absences) {
            entry.absence = absence;
        }
        let gone = unseen.into_iter().zip(gone).filter(|(_, gone)| *gone);
        self.gone = gone.map(|((key, _), _)| key.clone()).collect();
        self.gone.iter().for_each(|key| drop(self.entries.remove(key)));
        self.known = self.entries.len();
    }

    fn change(&mut self, change: impl Fn(Absence) -> Absence) {
        self.entries.values_mut().for_each(|entry| entry.absence = change(entry.absence));
    }
}

struct World {
    store: BTreeMap<u16, [u8; 2]>,
    snapshot: Snapshot,
    guard: Guard,
    model: Model,
}

impl World {
    fn new() -> Self {
        let model = Model {
            entries: BTreeMap::new(),
            gone: Vec::new(),
            guard: Guard::new(RULE),
            known: 0,
            last: None,
        };
        let (store, snapshot) = (BTreeMap::new(), Snapshot::default());
        Self { store, snapshot, guard: Guard::new(RULE), model }
    }

    fn listing(&mut self, walk: &Walk) -> Vec<u16> {
        for (number, state) in &walk.edits {
            match state {
                Some(state) => drop(self.store.insert(*number, *state)),
                None => drop(self.store.remove(number)),
            }
        }
        let listed = self.store.keys().copied().filter(|number| !walk.hidden.contains(number));
        let mut listed: Vec<_> = listed.collect();
        let count = listed.len();
        for (one, other) in walk.swaps.iter().take_while(|_| count > 0) {
            listed.swap(one.index(count), other.index(count));
        }
        listed
    }

    /// Returns what came out of order.
    fn pass(
        &mut self,
        merge: &mut Merge<Differs>,
        second: bool,
        listing: &[u16],
        young: &[u16],
    ) -> Vec<u16> {
        self.model.last = None;
        let mut late = Vec::new();
        for number in listing {
            let (key, mark) = (key(*number), mark(*number, self.store[number]));
            let before = merge.len();
            let (sight, expected) = match young.contains(number) {
                true => (leave(merge, &key), self.model.sees(second, &key, None)),
                false => {
                    (merge.see(&key, &mark, || true), self.model.sees(second, &key, Some(&mark)))
                }
            };
            assert_eq!(sight, expected, "{key}");
            let new = sight == Sight::New && !young.contains(number);
            assert_eq!(merge.len(), before + usize::from(new));
            late.extend((sight == Sight::OutOfOrder).then_some(*number));
        }
        late
    }

    /// Returns whether it was complete.
    fn walk(&mut self, walk: &Walk) -> bool {
        let listing = self.listing(walk);
        self.model.begin();
        let after = self.snapshot.cuts(walk.parts, |_, _| true);
        let parts = mem::take(&mut self.snapshot).split(&after);
        let (count, mut late, mut done) = (parts.len(), Vec::new(), Vec::new());
        for (place, part) in parts.into_iter().enumerate() {
            let after_key = |number: &u16| after.iter().filter(|it| it.last < key(*number)).count();
            let mut mine = listing.clone();
            mine.retain(|number| after_key(number) == place);
            let cut = walk.cut.filter(|_| place + 1 == count);
            mine.truncate(cut.unwrap_or(usize::MAX));
            let mut merge = Merge::first(part, differs as Differs);
            late.extend(self.pass(&mut merge, false, &mine, &walk.young));
            done.push(if cut.is_some() { merge.abandon() } else { merge.finish() });
            assert!(cut.is_none() || done.last().unwrap().unseen() == 0);
        }
        self.snapshot = Snapshot::join(done);
        if walk.cut.is_some() {
            return false;
        }
        assert_eq!(self.snapshot.unseen(), self.model.unseen());
        self.second(walk, &listing, late)
    }

    fn second(&mut self, walk: &Walk, listing: &[u16], mut late: Vec<u16>) -> bool {
        late.extend(listing.iter().filter(|number| *number % 10 == 0));
        late.sort_unstable();
        let snapshot = mem::take(&mut self.snapshot);
        let mut merge = Merge::second(snapshot, differs as Differs);
        self.pass(&mut merge, true, &late, &walk.young);
        self.snapshot = if walk.second_cut { merge.abandon() } else { merge.finish() };
        let unseen = if walk.second_cut { 0 } else { self.model.unseen() };
        assert_eq!(self.snapshot.unseen(), unseen);
        !walk.second_cut
    }

    fn fails(&mut self) {
        self.guard.failed();
        self.snapshot.failed();
        self.model.guard.failed();
        self.model.change(Absence::failed);
    }

    fn between(&mut self, between: Between) {
        match between {
            Between::Nothing => {}
            Between::Failure => self.fails(),
            Between::Release => {
                self.snapshot.release();
                self.model.change(Absence::released);
            }
        }
        self.check();
    }

    fn check(&self) {
        let expected = self.model.entries.iter().map(|(key, it)| (key.clone(), it.mark.clone()));
        assert_eq!(contents(&self.snapshot), expected.collect());
        for key in (0..POOL).step_by(7).map(key) {
            let expected = self.model.entries.get(&key).map(|entry| entry.mark.clone());
            assert_eq!(self.snapshot.get(&key), expected);
        }
        assert_eq!(self.guard.held(), self.model.guard.held());
        let plain = |block: &Block| block.doubts().all(|doubt| doubt == Doubt::default());
        assert!(self.snapshot.blocks.iter().all(|block| block.count() > 0));
        assert!(!self.snapshot.blocks.iter().any(|it| plain(it) && it.doubts().count() > 0));
    }

    fn step(&mut self, walk: &Walk) {
        if self.walk(walk) {
            self.snapshot.judge(&mut self.guard);
            self.model.judge();
        } else {
            self.fails();
        }
        assert_eq!(self.snapshot.unseen(), 0);
        self.between(walk.between[0]);
        assert_eq!(gone(&mut self.snapshot, walk.most), mem::take(&mut self.model.gone));
        self.between(walk.between[1]);
    }
}

proptest! {
    #[test]
    fn walks_come_to_what_the_model_says(walks in walks()) {
        let mut world = World::new();
        walks.iter().for_each(|walk| world.step(walk));
    }
}
