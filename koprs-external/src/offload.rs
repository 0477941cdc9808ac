//! Runs work that takes longer than about a millisecond on threads that may block, so that it never holds up a
//! thread of the runtime.
//!
//! A small job runs in place: a hop to another thread would cost more than the job. A large one runs by
//! `spawn_blocking`, which exists on every runtime. Nothing can interrupt such a job from outside, so it looks at its
//! [`Stop`] between items, and ends soon after the poll that waits for it was dropped: at its deadline, because the
//! consumer is gone, or because the watcher ends.
//!
//! [`Lent`] is state that jobs work on. What a job has to say beside its result (events) belongs to that state, not to
//! the result, so that the next poll finds it there when this one was dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::available_parallelism;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tracing::{Span, dispatcher};

use crate::spec::Trust;

/// The cost of the largest job that runs in place. The unit is the work that a byte of JSON takes: this many are
/// decoded in less than a millisecond.
pub(crate) const IN_PLACE: usize = 64 * 1024;
/// The fewest jobs that may run at a time, on a small machine.
const FEWEST: usize = 2;

/// Tells a job that nobody waits for it any more.
#[derive(Debug, Default)]
pub(crate) struct Stop(AtomicBool);

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sets a [`Stop`] when it is dropped.
struct StopOnDrop(Arc<Stop>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// State that a job may work on; at most one at a time does.
///
/// A job that was left behind has the state until it ends: [`idle`](Self::idle) waits for that, and so does
/// [`run`](Self::run).
#[derive(Debug)]
pub(crate) struct Lent<S> {
    state: Arc<Mutex<S>>,
    job: Option<JoinHandle<()>>,
    trust: Trust,
}

impl<S> Lent<S> {
    /// The jobs of untrusted declarations wait for each other, never those of trusted ones for them.
    pub(crate) fn new(state: S, trust: Trust) -> Self {
        Self { state: Arc::new(Mutex::new(state)), job: None, trust }
    }

    /// Returns the state. Blocks while a job has it, which [`idle`](Self::idle) rules out.
    pub(crate) fn get(&self) -> MutexGuard<'_, S> {
        // After a panic of a job, the state is what a panic in place would have left.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the state, unless a job has it.
    pub(crate) fn try_get(&self) -> Option<MutexGuard<'_, S>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Waits until no job has the state. Cancellation safe.
    pub(crate) async fn idle(&mut self) {
        // Where it has not begun it never will: it was told to stop. All threads that may block may be busy for long.
        let is_lent = self.try_get().is_none();
        if let Some(job) = &mut self.job
            && is_lent
        {
            let (Ok(()) | Err(_)) = job.await;
        }
        self.job = None;
    }

    /// Runs a job of this cost on the state.
    ///
    /// Where this future is dropped, the job is told to stop, its result is lost, and the state stays as the job leaves
    /// it. A panic of the job is one of this future.
    pub(crate) async fn run<R>(
        &mut self,
        cost: usize,
        job: impl FnOnce(&mut S, &Stop) -> R + Send + 'static,
    ) -> R
    where
        S: Send + 'static,
        R: Send + 'static,
    {
        self.idle().await;
        if cost <= IN_PLACE {
            return job(&mut self.get(), &Stop::default());
        }
        let permit = permit(self.trust).await;
        let (state, stop) = (Arc::clone(&self.state), Arc::new(Stop::default()));
        let waits = StopOnDrop(Arc::clone(&stop));
        let (done, mut result) = Unread::channel(cost);
        let job = start(permit, move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            // Who dropped the poll may have taken the state before this began.
            if !stop.is_set() {
                let (Ok(()) | Err(_)) = done.send(job(&mut state, &stop));
            }
        });
        let ended = self.job.insert(job).await;
        self.job = None;
        drop(waits);
        match ended {
            Err(error) => raise(error),
            Ok(()) => result.take().await,
        }
    }
}

/// The result of a job. One that nobody takes is dropped as [`discard`] does.
struct Unread<R: Send + 'static> {
    cost: usize,
    result: oneshot::Receiver<R>,
}

impl<R: Send + 'static> Unread<R> {
    fn channel(cost: usize) -> (oneshot::Sender<R>, Self) {
        let (done, result) = oneshot::channel();
        (done, Self { cost, result })
    }

    /// Returns the result of a job that has ended.
    async fn take(&mut self) -> R {
        match (&mut self.result).await {
            Ok(result) => result,
            // Not so: the job was not told to stop.
            Err(_) => std::future::pending().await,
        }
    }
}

impl<R: Send + 'static> Drop for Unread<R> {
    fn drop(&mut self) {
        // What is sent from here on is dropped by the job.
        self.result.close();
        if let Ok(result) = self.result.try_recv() {
            discard(self.cost, result);
        }
    }
}

/// Runs a job that needs no state. Where this future is dropped, the job runs to its end.
#[cfg(feature = "_remote-store")]
pub(crate) async fn run<R: Send + 'static>(
    trust: Trust,
    cost: usize,
    job: impl FnOnce() -> R + Send + 'static,
) -> R {
    if cost <= IN_PLACE {
        return job();
    }
    let permit = permit(trust).await;
    let (done, mut result) = Unread::channel(cost);
    let job = move || {
        let (Ok(()) | Err(_)) = done.send(job());
    };
    match start(permit, job).await {
        Err(error) => raise(error),
        Ok(()) => result.take().await,
    }
}

/// Drops a value of this cost. A large one is dropped on another thread, and nobody waits for it.
pub(crate) fn discard<V: Send + 'static>(cost: usize, value: V) {
    if cost > IN_PLACE
        && let Ok(runtime) = Handle::try_current()
    {
        drop(runtime.spawn_blocking(move || drop(value)));
    }
}

/// Waits until a job may run: no more of them at a time than there are processors, first come, first served.
async fn permit(trust: Trust) -> Option<OwnedSemaphorePermit> {
    static LANES: LazyLock<[Arc<Semaphore>; 2]> = LazyLock::new(|| {
        let most = available_parallelism().map_or(FEWEST, |count| count.get().max(FEWEST));
        [(); 2].map(|()| Arc::new(Semaphore::new(most)))
    });
    let [trusted, untrusted] = &*LANES;
    let lane = match trust {
        Trust::Trusted => trusted,
        Trust::Untrusted => untrusted,
    };
    Arc::clone(lane).acquire_owned().await.ok()
}

/// Starts a job, which has its permit until it ends, and logs where its poll does.
fn start<R: Send + 'static>(
    permit: Option<OwnedSemaphorePermit>,
    job: impl FnOnce() -> R + Send + 'static,
) -> JoinHandle<R> {
    let (span, dispatch) = (Span::current(), dispatcher::get_default(Clone::clone));
    spawn_blocking(move || {
        let _permit = permit;
        dispatcher::with_default(&dispatch, || span.in_scope(job))
    })
}

/// Hands on the panic of a job. A runtime that shuts down runs no job.
fn raise<R>(error: JoinError) -> R {
    let panic = error.try_into_panic();
    std::panic::resume_unwind(panic.unwrap_or_else(|_| Box::new("the runtime is shutting down")))
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;
    use std::thread;

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use tokio::task::yield_now;

    use super::*;

    const LARGE: usize = IN_PLACE + 1;

    fn lent() -> Lent<Vec<u32>> {
        Lent::new(Vec::new(), Trust::Trusted)
    }

    #[tokio::test]
    async fn a_result_that_nobody_takes_is_dropped_on_another_thread() {
        struct Dropped(mpsc::Sender<thread::ThreadId>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.send(thread::current().id()).unwrap();
            }
        }
        let (dropped, threads) = mpsc::channel();
        let (done, unread) = Unread::channel(LARGE);
        assert!(done.send(Dropped(dropped)).is_ok());
        drop(unread);
        assert_ne!(threads.recv().unwrap(), thread::current().id());
    }

    #[tokio::test]
    async fn a_small_job_runs_in_place_and_a_large_one_on_another_thread() {
        let here = thread::current().id();
        let mut lent = lent();
        let id = |_: &mut Vec<u32>, _: &Stop| thread::current().id();
        assert_eq!(lent.run(IN_PLACE, id).await, here);
        assert_ne!(lent.run(LARGE, id).await, here);
        assert!(lent.job.is_none());
    }

    /// Says on which thread it is dropped.
    struct Dropped(mpsc::Sender<thread::ThreadId>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    #[tokio::test]
    async fn a_large_value_is_dropped_on_another_thread() {
        let (dropped, is_dropped) = mpsc::channel();
        discard(IN_PLACE, Dropped(dropped.clone()));
        assert_eq!(is_dropped.recv(), Ok(thread::current().id()));
        discard(LARGE, Dropped(dropped));
        assert_ne!(is_dropped.recv(), Ok(thread::current().id()));
    }

    #[test]
    fn without_a_runtime_a_large_value_is_dropped_in_place() {
        let (dropped, is_dropped) = mpsc::channel();
        discard(LARGE, Dropped(dropped));
        assert_eq!(is_dropped.recv(), Ok(thread::current().id()));
    }

    #[tokio::test]
    async fn others_run_while_a_large_job_does() {
        let (go, wait) = mpsc::channel();
        let mut lent = lent();
        let job = lent.run(LARGE, move |state, _| {
            wait.recv().unwrap();
            state.push(1);
            7
        });
        let other = async {
            yield_now().await;
            go.send(()).unwrap();
        };
        assert_eq!(tokio::join!(job, other).0, 7);
        assert_eq!(*lent.get(), [1]);
    }

    #[tokio::test]
    async fn a_job_whose_poll_is_dropped_is_told_to_stop_and_gives_the_state_back() {
        let (begun, has_begun) = oneshot::channel();
        let mut lent = lent();
        tokio::select! {
            biased;
            () = lent.run(LARGE, move |state, stop| {
                begun.send(()).unwrap();
                while !stop.is_set() {
                    thread::yield_now();
                }
                state.push(1);
            }) => panic!("it waits for ever"),
            begun = has_begun => begun.unwrap(),
        }
        lent.idle().await;
        assert_eq!(*lent.get(), [1]);
        assert_eq!(lent.run(0, |state, _| state.len()).await, 1);
    }

    #[tokio::test]
    async fn the_next_job_waits_for_the_one_that_was_left_behind() {
        let ((go, wait), (begun, has_begun)) = (mpsc::channel(), oneshot::channel());
        let mut lent = lent();
        tokio::select! {
            biased;
            () = lent.run(LARGE, move |state, _| {
                begun.send(()).unwrap();
                wait.recv().unwrap();
                state.push(1);
            }) => panic!("it waits"),
            begun = has_begun => begun.unwrap(),
        }
        assert!(lent.run(0, |state, _| state.push(2)).now_or_never().is_none());
        go.send(()).unwrap();
        lent.run(0, |state, _| state.push(3)).await;
        assert_eq!(*lent.get(), [1, 3]);
    }

    #[test]
    fn a_job_that_was_left_behind_before_it_began_is_not_waited_for() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.max_blocking_threads(1).build().unwrap();
        let (go, wait) = mpsc::channel();
        runtime.block_on(async {
            let busy = spawn_blocking(move || wait.recv().unwrap());
            let mut lent = lent();
            assert!(lent.run(LARGE, |state, _| state.push(1)).now_or_never().is_none());
            assert!(lent.idle().now_or_never().is_some());
            lent.run(0, |state, _| state.push(2)).await;
            go.send(()).unwrap();
            busy.await.unwrap();
            lent.run(LARGE, |state, _| state.push(3)).await;
            assert_eq!(*lent.get(), [2, 3]);
        });
    }

    #[tokio::test]
    async fn a_panic_of_a_job_is_one_of_its_poll_and_leaves_the_state() {
        for cost in [0, LARGE] {
            let mut lent = lent();
            let job = lent.run(cost, |state, _| -> () {
                state.push(1);
                panic!("no such plan");
            });
            let panic = std::panic::AssertUnwindSafe(job).catch_unwind().await.unwrap_err();
            assert_eq!(panic.downcast_ref(), Some(&"no such plan"), "{cost}");
            assert_eq!(lent.run(cost, |state, _| state.clone()).await, [1]);
        }
    }

    #[test]
    fn a_runtime_that_goes_takes_no_state_with_it() {
        let (go, wait) = mpsc::channel();
        let mut lent = lent();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            lent.run(LARGE, |state, _| state.push(1)).await;
            let job = move |state: &mut Vec<_>, _: &Stop| {
                // It does not end before it was left behind.
                wait.recv().unwrap();
                state.push(2);
            };
            assert!(lent.run(LARGE, job).now_or_never().is_none());
        });
        let _ = go.send(());
        drop(runtime);
        assert_eq!(lent.get().first(), Some(&1));
    }

    #[tokio::test]
    async fn so_many_jobs_run_at_a_time_and_those_of_tenants_hold_up_nobody_else() {
        let many = 4 * available_parallelism().map_or(FEWEST, |count| count.get().max(FEWEST));
        let (release, wait) = tokio::sync::watch::channel(false);
        let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
        let jobs = (0..many).map(|_| {
            let (begun, mut wait) = (begun.clone(), wait.clone());
            async move {
                let job = move |(): &mut (), _: &Stop| {
                    begun.send(()).unwrap();
                    Handle::current().block_on(wait.wait_for(|open| *open)).unwrap();
                };
                Lent::new((), Trust::Untrusted).run(LARGE, job).await;
            }
        });
        let mut jobs = pin!(join_all(jobs));
        assert!(jobs.as_mut().now_or_never().is_none());
        for _ in 0..many / 4 {
            has_begun.recv().await.unwrap();
        }
        // Small ones, and those of others, do not wait.
        let mut small = Lent::new((), Trust::Untrusted);
        assert_eq!(small.run(IN_PLACE, |(), _| 1).await, 1);
        assert_eq!(lent().run(LARGE, |_, _| 2).await, 2);
        assert!(has_begun.try_recv().is_err(), "the others wait");
        release.send(true).unwrap();
        jobs.await;
    }
}
