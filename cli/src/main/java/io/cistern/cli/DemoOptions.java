package io.cistern.cli;

import io.cistern.config.Profile;
import io.cistern.gateway.ServerKind;
import io.cistern.mqtt.MqttUri;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a demo runs with.
 *
 * @param profile the pools
 * @param frames how frames are taken from them
 * @param duration how long it runs
 * @param port to listen on; 0 takes any free one
 * @param server what reads the sockets
 * @param clients that drive it; 0 leaves it to clients from outside
 * @param rate frames a second that they send together
 * @param prometheus port for Prometheus, 0 for any free one; null when nothing is served to it
 * @param traces folder for a trace file a pool; null when nothing is recorded
 * @param mqtt broker that is told how the pools are; null for none
 * @param dashboard port of the dashboard, 0 for any free one; empty when there is to be none
 */
record DemoOptions(
    Profile profile,
    Profile.Frames frames,
    Duration duration,
    int port,
    ServerKind server,
    int clients,
    int rate,
    @Nullable Integer prometheus,
    @Nullable Path traces,
    @Nullable MqttUri mqtt,
    OptionalInt dashboard) {}
