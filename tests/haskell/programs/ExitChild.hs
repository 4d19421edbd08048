-- exitWith in a child thread is an exception of that thread, reported and not obeyed; handed to
-- the main thread by throwTo it ends the program with its status.
module Main (main) where

import Control.Concurrent
import Control.Exception
import System.Exit
import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr LineBuffering
  done <- newEmptyMVar
  _ <- forkIO (exitWith (ExitFailure 9) `finally` putMVar done ())
  takeMVar done
  threadDelay 20000
  putStrLn "still here"
  me <- myThreadId
  _ <- forkIO (throwTo me (ExitFailure 7))
  threadDelay 10000000
  putStrLn "never"
