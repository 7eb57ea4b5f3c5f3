package io.cistern.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A lock that costs its usual user no atomic operation. It is biased to one thread, which enters by
 * plain stores; when another one comes, the bias is taken away by a process-wide {@link Barrier},
 * and from then on all use an ordinary lock, until after a pause ({@link Backoff}) it is biased to
 * whoever comes next.
 *
 * <pre>
 *   the biased thread                  another, holding the ordinary lock
 *   busy = 1                           turn = NOBODY'S
 *   turn still mine? inside            barrier in every thread
 *   busy = 0                           wait for busy = 0, then inside
 * </pre>
 *
 * Either the biased thread was busy when the barrier came to it, and the other waits; or it was
 * not, and sees that its turn is over the next time (Dice, Moir and Scherer, <i>Quickly
 * reacquirable locks</i>, 2003; as marks of a {@link Magazine}). Not reentrant. Only platform
 * threads get the bias.
 *
 * <p>Others can look at what it guards without taking it ({@link #beginLook}).
 *
 * <p>A lock can also belong to one thread for good; then it only tells others so.
 */
public final class BiasedLock {
  private static final long AWAIT_NANOS = 1_000;
  private static final VarHandle BUSY;
  private static final VarHandle TURN;
  private static final VarHandle STAMP;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BUSY = lookup.findVarHandle(Turn.class, "busy", int.class);
      TURN = lookup.findVarHandle(BiasedLock.class, "turn", Turn.class);
      STAMP = lookup.findVarHandle(BiasedLock.class, "stamp", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /**
   * The time for which the lock is biased to a thread. Each has a mark of its own: a thread that
   * was stopped just before it set its mark, and goes on when the bias is another's, must not touch
   * the other's.
   */
  private static final class Turn {
    static final Turn NOBODYS = new Turn(null);

    final @Nullable Thread thread;
    final long threadId;

    /** 1 while the thread is inside, or about to see that its turn is over. */
    @SuppressWarnings("unused") // by its VarHandle
    private int busy;

    Turn(@Nullable Thread thread) {
      this.thread = thread;
      this.threadId = thread == null ? -1 : thread.threadId();
    }
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** Short at first: a pool is often opened by one thread and used by another. */
  private final Backoff backoff = new Backoff(10);

  private final @Nullable Thread only;

  /** Whose thread enters by plain stores; changed under the ordinary lock. */
  private Turn turn;

  /** The turn that was given last; changed by those who are inside. */
  private Turn given;

  /** Counts entries and exits: odd while somebody is inside. Written by whoever is. */
  private long stamp;

  /**
   * A lock that nobody holds.
   *
   * @param only the one thread that may ever take it; null for any
   */
  public BiasedLock(@Nullable Thread only) {
    this.only = only;
    this.given = only != null && Barrier.isSupported() ? new Turn(only) : Turn.NOBODYS;
    this.turn = given;
  }

  /**
   * Waits until nobody is inside, and enters.
   *
   * @return to be given to {@link #unlock}
   * @throws WrongThreadException when the lock belongs to another thread
   */
  public boolean lock() {
    Turn mine = turn;
    if (mine.threadId == Thread.currentThread().threadId()) {
      BUSY.setOpaque(mine, 1);
      if ((Turn) TURN.getOpaque(this) == mine) {
        enter();
        return true;
      }
      BUSY.setRelease(mine, 0);
    }
    checkThread();
    lockSlow();
    return false;
  }

  /**
   * As {@link #lock}, but also for threads that the lock does not belong to: to look, or to close.
   *
   * @return to be given to {@link #unlock}
   */
  public boolean lockForAny() {
    if (turn.threadId == Thread.currentThread().threadId()) {
      return lock();
    }
    lockSlow();
    return false;
  }

  /**
   * Leaves.
   *
   * @param plain what {@link #lock} said
   */
  public void unlock(boolean plain) {
    STAMP.setRelease(this, stamp + 1);
    if (plain) {
      BUSY.setRelease(given, 0);
    } else {
      lock.unlock();
    }
  }

  /**
   * Begins to look without taking the lock. What is read then may be torn, and is to be thrown away
   * unless {@link #isUnchanged} says otherwise.
   *
   * @return to be given to it
   */
  public long beginLook() {
    return (long) STAMP.getAcquire(this);
  }

  /**
   * Whether nobody was inside since.
   *
   * @param since what {@link #beginLook} said
   * @return true if everything that was read is of one moment
   */
  public boolean isUnchanged(long since) {
    VarHandle.acquireFence();
    return (since & 1) == 0 && (long) STAMP.getOpaque(this) == since;
  }

  private void lockSlow() {
    lock.lock();
    Thread self = Thread.currentThread();
    if (turn != Turn.NOBODYS) {
      revoke();
    } else if (mayBeBiasedTo(self)) {
      given = new Turn(self);
      TURN.setRelease(this, given);
    }
    enter();
  }

  private void enter() {
    stamp++;
    VarHandle.releaseFence();
  }

  private boolean mayBeBiasedTo(Thread self) {
    return Barrier.isSupported()
        && (only == null
            ? !self.isVirtual() && backoff.isOver(CoarseClock.ticks())
            : only.equals(self));
  }

  private void revoke() {
    TURN.setVolatile(this, Turn.NOBODYS);
    Barrier.run();
    while ((int) BUSY.getAcquire(given) != 0 && given.thread != null && given.thread.isAlive()) {
      LockSupport.parkNanos(AWAIT_NANOS);
    }
    given = Turn.NOBODYS;
    backoff.begin(CoarseClock.ticks());
  }

  /**
   * Throws where only one thread may enter, and the calling one is another.
   *
   * @throws WrongThreadException with the names of both
   */
  public void checkThread() {
    if (only != null && !only.equals(Thread.currentThread())) {
      throw new WrongThreadException(
          "the pool is confined to thread '%s', not '%s'"
              .formatted(only.getName(), Thread.currentThread().getName()));
    }
  }

  /**
   * As {@link #checkThread}, but lets everybody pass once that thread is dead.
   *
   * @throws WrongThreadException with the names of both
   */
  public void checkMayClose() {
    if (only != null && only.isAlive()) {
      checkThread();
    }
  }
}
