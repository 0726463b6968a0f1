# The short front door to CMake: `make help`.
BUILD  = build
PREFIX = /usr/local

.PHONY: all help deps demo test asan tsan bytes avx512 lint bench bench-peers install clean
all:
	@sh tools/deps.sh check
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_INSTALL_PREFIX=$(PREFIX) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log
	@cmake --build $(BUILD) --target gander gander_static gander_shared -- --quiet
	@echo "$(BUILD)/gander, $(BUILD)/libgander.a, $(BUILD)/libgander.so"

help:
	@echo "make            build/gander, build/libgander.a and .so"
	@echo "make deps       install what is missing (apt-get); demo, test and lint call it"
	@echo "make demo       build, get MNIST, train article and steady, show both"
	@echo "make test       build and run every test"
	@echo "make asan tsan  the tests under sanitizers"
	@echo "make bytes      the same bytes from gcc and clang, -O2 and -O3"
	@echo "make avx512     the AVX-512 form's bytes on a processor that has none (an emulator, 20 minutes)"
	@echo "make bench-peers  PyTorch, JAX, ... into bench/.peers; ROWS as below: what those need"
	@echo "make bench      gander beside them; ROWS=\"A16 S16\" picks rows"
	@echo "make lint       layers, warnings of two compilers, clang-tidy"
	@echo "make install    PREFIX=$(PREFIX) DESTDIR="

deps:
	@sh tools/deps.sh install

demo: deps all
	@sh tools/demo.sh

test: deps all
	@cmake --build $(BUILD) -- --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j 2

# What kills the program or compares long runs is left out of sanitized builds: tests/cli/CMakeLists.txt.
asan: deps
	@cmake -S . -B build-asan -G Ninja -DGAN_LEVEL=1 -DGAN_SANITIZE=address,undefined >/dev/null
	@cmake --build build-asan -- --quiet
	@ctest --test-dir build-asan --output-on-failure -j 2

tsan: deps
	@cmake -S . -B build-tsan -G Ninja -DGAN_LEVEL=1 -DGAN_SANITIZE=thread >/dev/null
	@cmake --build build-tsan --target test_team test_plan test_trainer test_measures test_folder test_page_server -- --quiet
	@ctest --test-dir build-tsan --output-on-failure -j 2 -R '(test_team|test_plan|test_trainer|test_measures|test_folder|test_page_server)$$'

bytes:
	@sh tools/deps.sh install "build lint"
	@sh tools/bytes.sh

avx512:
	@sh tools/avx512.sh $(ROWS)

lint:
	@sh tools/deps.sh install "build lint"
	@sh tools/lint.sh

bench-peers:
	@sh tools/deps.sh install bench
	@sh bench/install_peers.sh $(ROWS)

bench: deps all
	@cmake --build $(BUILD) --target bench_start bench_near bench_load -- --quiet
	@python3 bench/bench.py $(BENCH) $(ROWS)

install: all
	@cmake --install $(BUILD)

clean:
	rm -rf build build-asan build-tsan build-lint-*
