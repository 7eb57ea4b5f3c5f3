package io.cistern.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that leaves blocks of a pool live, with the stacks, threads and ages of those who
 * allocated them; also one during which a pool found damaged memory, and one after which {@link
 * io.cistern.MemoryPool#verify()} finds anything. On a class: for each of its tests, and for the
 * class as a whole once all have run.
 *
 * {@snippet :
 * @NoLeaks
 * class CodecTest {
 *   @Test
 *   void decodes(MemoryPool pool) {
 *     try (MemoryBlock block = pool.allocate(200)) {
 *       Codec.decode(block.segment());
 *     }
 *   }
 * }
 * }
 *
 * <p><b>Which pools.</b> A parameter of type {@code MemoryPool} of a test, or of a method before or
 * after each, is a pool of blocks up to 64 KiB for that one test, at check level {@link
 * io.cistern.CheckLevel#CHECKED}. Beside it, all pools in fields of type {@code MemoryPool} and
 * {@code PoolManager} are looked at, static or not, and all pools that were opened while the test
 * ran and are still open: the latter not for tests that run concurrently, since they could be
 * another's.
 *
 * <p><b>When.</b> After the methods that run after each test; so what these free was no leak. In a
 * pool that was open before the test, what was live before it is none either. A pool that the test
 * has closed is not looked at: {@code close()} refuses while blocks are live, and {@code
 * closeNow()} says that they do not matter.
 *
 * <p><b>Stacks</b> are complete at CHECKED and above; else the blocks are counted as exactly, but
 * only some have a stack.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(NoLeaksExtension.class)
public @interface NoLeaks {}
