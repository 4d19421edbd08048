-- A weak pointer gives its value while the key lives and Nothing after; its finalizer runs
-- once. Catches weak pointers that keep their keys alive.
module Main (main) where

import Control.Concurrent
import Data.IORef
import System.Mem
import System.Mem.Weak

main :: IO ()
main = do
  out <- newEmptyMVar
  key <- newIORef 'k'
  w <- mkWeakIORef key (putMVar out "key is gone")
  performGC
  m <- deRefWeak w
  maybe (putStrLn "gone too early") (\r -> readIORef r >>= print) m
  modifyIORef key succ
  readIORef key >>= print
  performGC
  takeMVar out >>= putStrLn
  gone <- deRefWeak w
  putStrLn (maybe "Nothing" (const "still there") gone)

  key2 <- newIORef ()
  w2 <- mkWeakIORef key2 (putMVar out "finalized by hand")
  finalize w2
  takeMVar out >>= putStrLn
  gone2 <- deRefWeak w2
  putStrLn (maybe "Nothing" (const "still there") gone2)
  readIORef key2
  performGC
  tryTakeMVar out >>= print
