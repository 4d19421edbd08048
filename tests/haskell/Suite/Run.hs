-- The suite's runner: each program is the action of a module, run as if it were alone, with
-- GHC's own report for what it does not catch.
module Run (runSuite) where

import Control.Exception
import Control.Monad
import Data.Maybe
import GHC.Conc (getUncaughtExceptionHandler)
import System.Environment
import System.Exit
import System.IO

-- | Runs the programs named by the arguments, or all.
runSuite :: [(String, IO ())] -> IO ()
runSuite programs = do
  names <- getArgs
  let unknown = filter (isNothing . (`lookup` programs)) names
  unless (null unknown) $ do
    hPutStrLn stderr ("Suite: no such program: " ++ unwords unknown)
    exitWith (ExitFailure 2)
  mapM_ runOne (if null names then programs else [(n, fromJust (lookup n programs)) | n <- names])

runOne :: (String, IO ()) -> IO ()
runOne (name, act) = do
  -- What a program sees when it starts on a terminal, whatever the one before it did.
  hSetBuffering stdin LineBuffering
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr NoBuffering
  mapM_ (`hSetEncoding` utf8) [stdin, stdout, stderr]
  putStrLn ("=== " ++ name)
  status <- withProgName name (withArgs [] (try act >>= ended))
  -- The empty line ends a line that the program left open.
  putStrLn ("\n--- " ++ name ++ " status " ++ show status)

-- | The exit status of a program, after the report that base's top handler makes.
ended :: Either SomeException () -> IO Int
ended result = do
  hFlush stdout
  hFlush stderr
  case result of
    Right () -> return 0
    Left e
      | Just ExitSuccess <- fromException e -> return 0
      | Just (ExitFailure n) <- fromException e -> return n
      | otherwise -> do
          handler <- getUncaughtExceptionHandler
          handler e
          return $ case fromException e of
            Just StackOverflow -> 2
            Just HeapOverflow -> 251
            _ -> 1
