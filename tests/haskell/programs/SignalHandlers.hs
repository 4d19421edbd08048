-- A signal that a program raises in itself starts its Haskell handler, wakes a program in which
-- all threads wait, and an alarm comes. It would catch a handler that never runs or runs twice.
module Main (main) where

import Control.Concurrent
import System.Posix.Signals

main :: IO ()
main = do
  done <- newEmptyMVar
  _ <- installHandler sigUSR1 (Catch (putMVar done "usr1")) Nothing
  raiseSignal sigUSR1
  takeMVar done >>= putStrLn
  raiseSignal sigUSR1
  takeMVar done >>= putStrLn
  _ <- installHandler sigUSR2 Ignore Nothing
  raiseSignal sigUSR2
  putStrLn "ignored"
  _ <- installHandler sigALRM (CatchOnce (putMVar done "alarm")) Nothing
  _ <- scheduleAlarm 1
  takeMVar done >>= putStrLn
  _ <- installHandler sigUSR1 Default Nothing
  putStrLn "default"
